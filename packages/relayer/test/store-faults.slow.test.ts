import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { countOf, createFakeWorld } from './support/fake-world.ts';
import { createFaultyStore } from './support/faulty-store.ts';

const inDirectory = async (run: (storePath: string) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'relayer-faults-'));
  try {
    await run(join(directory, 'relayer.db'));
  } finally {
    await rm(directory, { recursive: true });
  }
};

describe('writes of the store that fail', () => {
  test('an end at any write loses nothing', async (t) => {
    await inDirectory(async (storePath) => {
      const world = createFakeWorld({ storePath });
      t.after(world.close);
      let sequence = 0n;
      let crashes = 0;
      for (let at = 1; ; at++) {
        const store = createFaultyStore();
        world.openStore = store.open;
        const doomed = await world.start({ retryMaxMs: 5 });
        const before = store.writes;
        // From here on nothing is written any more, as if the process had ended; what it already sent stays sent.
        store.fails = (write) => write >= before + at;
        sequence += 1n;
        world.send(world.a, sequence);
        world.send(world.b, sequence);
        const expected = Number(sequence) * 2;
        let isDone = false;
        await world.until(async () => {
          isDone = (await countOf(doomed, 'acknowledged')) === expected;
          return isDone || store.writes >= before + at;
        }, `the end at write ${at}`);
        if (store.writes >= before + at) crashes += 1;
        await doomed.close();
        world.openStore = undefined;
        const next = await world.start();
        await world.until(
          async () => (await countOf(next, 'acknowledged')) === expected,
          `all after an end at write ${at}`,
        );
        await next.close();
        if (isDone) break;
      }
      assert.ok(crashes >= 10, `${crashes} ends`);
      for (const side of [world.a, world.b]) {
        assert.ok([...side.received.values()].every((count) => count === 1));
        assert.ok(side.noops <= crashes, `${side.noops} messages for nothing`);
      }
      t.diagnostic(`${crashes} ends, ${world.a.noops + world.b.noops} messages for nothing`);
    });
  });

  test('any write that fails once is made up for, without a restart', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const store = createFaultyStore();
    world.openStore = store.open;
    const relayer = await world.start({ retryMaxMs: 5 });
    for (let sequence = 1n; sequence <= 24n; sequence++) {
      const before = store.writes;
      // Two in a row: also the one that was to make up for the first.
      const first = before + Number(sequence);
      store.fails = (write) => write === first || write === first + 1;
      if (sequence % 2n === 0n) world.b.poison.add(sequence);
      world.send(world.a, sequence);
      await world.until(() => store.writes > first + 1, `write ${sequence}`);
      world.b.poison.clear();
      await world.until(
        async () => (await countOf(relayer, 'acknowledged')) === Number(sequence),
        `packet ${sequence} after write ${sequence} failed`,
      );
    }
    assert.ok([...world.b.received.values()].every((count) => count === 1));
  });

  for (const code of ['malformed-event', 'contradiction'] as const) {
    test(`a halt (${code}) that could not be stored is stored before the cursor passes what caused it`, async (t) => {
      await inDirectory(async (storePath) => {
        const world = createFakeWorld({ storePath });
        t.after(world.close);
        const store = createFaultyStore();
        world.openStore = store.open;
        const first = await world.start({ retryMaxMs: 5 });
        let failures = 0;
        store.fails = (_, table) => table === 'halts' && failures++ === 0;
        const packet = world.send(world.a, 1n);
        await world.until(async () => (await countOf(first, 'acknowledged')) === 1);
        const other =
          code === 'malformed-event' ? { sequence: 2n, destClient: 'client-x' } : { timeoutTimestampSec: 9n };
        world.a.chain.sendPacket({ ...packet, ...other });
        await world.until(() => first.halts().length === 1);
        const { height } = await world.a.chain.reader.latestBlock();
        await world.until(() => first.progress().every(({ cursorHeight = 0n }) => cursorHeight > height + 2n));
        assert.ok(failures > 0);
        await first.close();
        const second = await world.start();
        assert.equal(second.halts()[0]?.code, code);
      });
    });
  }
});

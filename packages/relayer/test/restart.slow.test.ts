import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { GrpcCode, RpcError } from '@interchain-attestation/service';
import { openDatabase } from '../src/store/open-database.ts';
import { countOf, createFakeWorld, type FakeWorld } from './support/fake-world.ts';

const inDirectory = async (run: (path: string) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'relayer-'));
  try {
    await run(join(directory, 'store', 'relayer.db'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const held = (): RpcError => new RpcError(GrpcCode.Unavailable, 'held');

const allOnce = (world: FakeWorld, count: number): void => {
  assert.equal(world.b.received.size, count);
  assert.ok([...world.b.received.values()].every((times) => times === 1));
};

describe('restart', () => {
  test('peers.md #15: packets sent while the relayer was down, or never relayed before it stopped, arrive', async (t) => {
    await inDirectory(async (storePath) => {
      const world = createFakeWorld({ storePath });
      t.after(world.close);
      const first = await world.start();
      world.proofError = held();
      for (let i = 1n; i <= 5n; i++) world.send(world.a, i);
      await world.until(async () => (await countOf(first, 'final')) === 5);
      await first.close();
      world.proofError = undefined;
      for (let i = 6n; i <= 30n; i++) {
        world.send(world.a, i);
        world.a.chain.mine(20);
        world.b.chain.mine(20);
      }
      const second = await world.start({ progressEveryMs: 100 });
      await world.until(async () => (await countOf(second, 'acknowledged')) === 30);
      allOnce(world, 30);
      const told = world.events.flatMap((event) => (event.type === 'backfill' ? [event] : []));
      assert.ok(told.length > 0, 'a long backfill tells how far it is');
      assert.equal(told.at(-1)?.through, told.at(-1)?.to);
    });
  });

  test('peers.md #16: a first start reads from the configured block on', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    for (let i = 1n; i <= 3n; i++) {
      world.send(world.a, i);
      world.a.chain.mine(30);
    }
    const relayer = await world.start({
      chains: [
        { chainId: '1', startHeight: 0 },
        { chainId: '2', startHeight: '1' },
      ],
    });
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 3);
    allOnce(world, 3);
  });

  test('a stop at any stage loses nothing and repeats nothing', async (t) => {
    await inDirectory(async (storePath) => {
      const world = createFakeWorld({ storePath });
      t.after(world.close);
      const stages = ['sent', 'final', 'submitted', 'received', 'receive-final', 'ack-submitted', 'acknowledged'];
      let sequence = 0n;
      for (const stage of stages) {
        const relayer = await world.start();
        sequence += 1n;
        world.send(world.a, sequence);
        const wanted = sequence;
        await world.until(
          () =>
            world.events.some(
              (event) => event.type === 'packet' && event.to === stage && event.record.sequence === wanted,
            ),
          stage,
        );
        await relayer.close();
      }
      const last = await world.start();
      await world.until(async () => (await countOf(last, 'acknowledged')) === stages.length);
      allOnce(world, stages.length);
    });
  });

  test('a transaction from before the records begin is relayed on request, from either of its ends', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const packet = world.send(world.a, 1n);
    world.a.chain.mine();
    const txId = await txOf(world, 'send');
    world.b.receiveByAnother(packet);
    world.b.chain.mine(5);
    world.a.chain.mine(5);
    const relayer = await world.start();
    assert.equal(await countOf(relayer, 'acknowledged'), 0);
    assert.equal(await relayer.relayTransaction('1', txId), 1);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1, 'its acknowledgement');
    assert.equal(world.b.received.size, 0);
    await assert.rejects(relayer.relayTransaction('9', txId), { code: 'relayer/unknown-chain' });
  });

  test('a receive from before the records begin finds its send', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const packet = world.send(world.a, 1n);
    world.a.chain.mine(5);
    const relayer = await world.start();
    world.b.receiveByAnother(packet);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1, 'its acknowledgement');
    assert.equal(relayer.halts().length, 0);
  });

  test('a halt outlives a restart', async (t) => {
    await inDirectory(async (storePath) => {
      const world = createFakeWorld({ storePath });
      t.after(world.close);
      const first = await world.start();
      const packet = world.send(world.a, 1n);
      world.a.chain.sendPacket({ ...packet, sequence: 2n, destClient: 'client-x' });
      await world.until(() => first.halts().length === 1);
      await first.close();
      const second = await world.start();
      assert.equal(second.halts()[0]?.code, 'malformed-event');
      await second.resumeRoute('route');
      await world.until(async () => (await countOf(second, 'acknowledged')) === 1);
    });
  });

  test('a store has one process: the second one is refused; what is no store is refused', async () => {
    await inDirectory(async (storePath) => {
      const db = await openDatabase(storePath);
      await assert.rejects(openDatabase(storePath), { code: 'relayer/store-locked' });
      await db.destroy();
      await (await openDatabase(storePath)).destroy();
      await writeFile(`${storePath}.txt`, 'this is not a database, however long it may be'.repeat(100));
      await assert.rejects(openDatabase(`${storePath}.txt`), { code: 'relayer/store-unusable' });
    });
  });

  test('another chain behind the same id is refused', async (t) => {
    await inDirectory(async (storePath) => {
      const world = createFakeWorld({ storePath });
      t.after(world.close);
      await (await world.start()).close();
      const db = await openDatabase(storePath);
      await db.updateTable('cursors').set({ genesis_hash: '0x00' }).where('chain_id', '=', '1').execute();
      await db.destroy();
      const starting = world.start();
      starting.catch(() => {});
      await world.until(() =>
        world.events.some(
          (event) => event.type === 'outage' && (event.error as { code?: string }).code === 'relayer/wrong-chain',
        ),
      );
    });
  });
});

const txOf = async (world: FakeWorld, type: string): Promise<`0x${string}`> => {
  const { height } = await world.a.chain.reader.latestBlock();
  for await (const { events } of world.a.chain.events.events(0n, height)) {
    const found = events.find((event) => event.type === type);
    if (found !== undefined) return found.txId;
  }
  throw new Error('no such event');
};

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KyselyPlugin } from 'kysely';
import { openDatabase } from '../src/store/open-database.ts';
import { countOf, createFakeWorld } from './support/fake-world.ts';

describe('passes over packets', () => {
  test('dead letters that were received, and whose end is found nowhere, hide no timeout behind them', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 1 });
    const { timestampSec } = await world.b.chain.reader.latestBlock();
    const timeoutSec = timestampSec + 3_000n;
    // As many as are looked at together; the receipts and acknowledgements are there, and no event tells of them.
    const count = 500;
    for (let sequence = 1n; sequence <= count; sequence++) {
      world.send(world.a, sequence, { timeoutSec });
      for (const kind of ['receipt', 'acknowledgement'] as const)
        world.b.chain.write({ kind, clientId: 'client-b', sequence }, Uint8Array.of(2));
    }
    await world.until(async () => (await countOf(relayer, 'failed')) === count, 'the dead letters');
    world.b.poison.add(9_999n);
    world.send(world.a, 9_999n, { timeoutSec: timeoutSec + 1n });
    await world.until(async () => (await countOf(relayer, 'failed')) === count + 1, 'one more');
    world.b.chain.mine(1, timeoutSec + 400n);
    await world.until(async () => (await countOf(relayer, 'timed-out')) === 1, 'the timeout');
    assert.equal(await countOf(relayer, 'failed'), count);
  });

  test('a pass over packets that fails is told of, and keeps none of the others from running', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const link = world.links.find(({ id }) => id === 'a-c');
    assert.ok(link);
    world.openStore = async (path) => {
      const fail: KyselyPlugin = {
        transformQuery: ({ node }) => {
          // What the search for orphans asks, and nobody else.
          if (JSON.stringify(node).includes('"orphan"')) throw new Error('no orphans today');
          return node;
        },
        transformResult: async ({ result }) => result,
      };
      return (await openDatabase(path)).withPlugin(fail);
    };
    world.send(world.a, 1n, { link });
    // The receipt alone: what another relayer's receive leaves behind.
    world.c.chain.write({ kind: 'receipt', clientId: 'attestations-0', sequence: 1n }, Uint8Array.of(2));
    for (const { chain } of [world.a, world.c]) chain.mine(3);
    const relayer = await world.start({
      chains: [{ chainId: '1', startHeight: 1 }, { chainId: '2' }, { chainId: 'gaia-1' }],
    });
    await world.until(async () => (await countOf(relayer, 'received')) === 1, 'the missing one');
    const isTold = world.events.some((event) => event.type === 'outage' && event.target.startsWith('looking through'));
    assert.ok(isTold);
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { countOf, createFakeWorld, type FakeWorld, type Link } from './support/fake-world.ts';

const toCosmos = (world: FakeWorld): Link => {
  const link = world.links.find(({ id }) => id === 'a-c');
  assert.ok(link);
  return link;
};

const turns = async (world: FakeWorld, count: number): Promise<void> => {
  let turn = 0;
  await world.until(() => ++turn > count);
};

describe('acknowledgements that are written in a later transaction', () => {
  test('the packet waits as received, costs nothing meanwhile, and is acknowledged when it comes', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 2 });
    world.c.later.add(1n);
    const packet = world.send(world.a, 1n, { link: toCosmos(world) });
    await world.until(async () => (await countOf(relayer, 'received')) === 1);
    const { proofRequests } = world;
    await turns(world, 40);
    assert.equal(world.proofRequests, proofRequests);
    assert.equal(await countOf(relayer, 'received'), 1);
    world.c.acknowledgeLater(packet);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.equal(world.c.received.get(1n), 1);
    assert.equal(world.c.noops, 0);
    assert.ok(world.events.every(({ type }) => type !== 'batch-failed' && type !== 'route-halted'));
  });

  test('one whose timeout passes meanwhile is not timed out, and however many wait hold up no other timeout', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const relayer = await world.start();
    const link = toCosmos(world);
    const { timestampSec } = await world.c.chain.reader.latestBlock();
    const timeoutSec = timestampSec + 300n;
    const count = 520;
    for (let sequence = 1n; sequence <= count; sequence++) {
      world.c.later.add(sequence);
      world.send(world.a, sequence, { link, timeoutSec });
    }
    await world.until(async () => (await countOf(relayer, 'received')) === count, 'all received');
    world.c.poison.add(9_999n);
    world.send(world.a, 9_999n, { link, timeoutSec: timeoutSec + 200n });
    world.c.chain.mine(1, timeoutSec + 400n);
    await world.until(async () => (await countOf(relayer, 'timed-out')) === 1, 'the timeout');
    assert.equal(await countOf(relayer, 'received'), count);
    assert.equal(await countOf(relayer, 'timed-out'), 1);
  });

  test('received by another before the records begin, or while the relayer was down: known all the same', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'relayer-later-'));
    t.after(() => rm(directory, { recursive: true }));
    const world = createFakeWorld({ third: true, storePath: join(directory, 'relayer.db') });
    t.after(world.close);
    const link = toCosmos(world);
    for (const sequence of [1n, 2n, 3n]) world.c.later.add(sequence);
    // The receipt alone: what another relayer's receive leaves behind.
    const receipt = (sequence: bigint): void =>
      world.c.chain.write({ kind: 'receipt', clientId: 'attestations-0', sequence }, Uint8Array.of(2));
    const early = world.send(world.a, 1n, { link });
    receipt(1n);
    world.a.chain.mine(3);
    world.c.chain.mine(3);
    const first = await world.start({
      chains: [{ chainId: '1', startHeight: 1 }, { chainId: '2' }, { chainId: 'gaia-1' }],
    });
    await world.until(async () => (await countOf(first, 'received')) === 1, 'the early one');
    await first.close();
    const meanwhile = world.send(world.a, 2n, { link });
    receipt(2n);
    world.a.chain.mine(3);
    world.c.chain.mine(3);
    const second = await world.start();
    await world.until(async () => (await countOf(second, 'received')) === 2, 'the one of meanwhile');
    await second.close();
    world.c.acknowledgeLater(early);
    world.c.acknowledgeLater(meanwhile);
    world.c.chain.mine(3);
    const third = await world.start();
    await world.until(async () => (await countOf(third, 'acknowledged')) === 2);
    assert.equal(world.c.received.size, 0);
    assert.equal(third.halts().length, 0);
  });

  test('its send lies before the records, long before the acknowledgement: it is found by the timeout', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const link = toCosmos(world);
    const { timestampSec } = await world.a.chain.reader.latestBlock();
    const packet = world.send(world.a, 1n, { link, timeoutSec: timestampSec + 3_600n });
    world.a.chain.mine();
    // Ten days pass on both chains.
    world.a.chain.mine(3_000);
    world.a.chain.mine(3, timestampSec + 864_000n);
    world.c.chain.mine(3, timestampSec + 864_000n);
    const relayer = await world.start();
    world.c.acknowledgeLater(packet);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.equal(relayer.halts().length, 0);
  });
});

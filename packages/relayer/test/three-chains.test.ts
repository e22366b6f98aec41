import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countOf, createFakeWorld } from './support/fake-world.ts';

describe('three chains of two kinds in one relayer', () => {
  test('the same sequences over the same client ids, every way at once: each packet once, to its own client', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const relayer = await world.start();
    const perWay = 12;
    let sent = 0;
    for (let sequence = 1n; sequence <= perWay; sequence++) {
      for (const link of world.links) {
        for (const { side } of link.ends) {
          world.send(side, sequence, { link });
          sent += 1;
        }
      }
    }
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === sent);
    for (const { ends } of world.links) {
      for (const { side, clientId } of ends) {
        for (let sequence = 1n; sequence <= perWay; sequence++) {
          assert.equal(side.receivedBy.get(`${clientId}/${sequence}`), 1, `${side.chainId}/${clientId}/${sequence}`);
        }
      }
    }
    assert.equal(
      [world.a, world.b, world.c].reduce((sum, { noops }) => sum + noops, 0),
      0,
    );
    assert.equal(relayer.halts().length, 0);
    assert.ok(world.events.every(({ type }) => type !== 'outage' && type !== 'batch-failed'));
  });

  test('a trouble on one chain stops the ways to it, and no others', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const relayer = await world.start();
    world.c.revertAll = 'attestations/10';
    const acknowledgedOf = async (chainId: string): Promise<number> =>
      (await relayer.queries.list({ states: ['acknowledged'], sourceChainId: chainId }, 100)).packets.length;
    for (const link of world.links) for (const { side } of link.ends) world.send(side, 1n, { link });
    // From 1 and 2: both of the links between them. From the Cosmos chain only receives get through.
    await world.until(async () => (await acknowledgedOf('1')) === 2 && (await acknowledgedOf('2')) === 2);
    await world.until(async () => (await countOf(relayer, 'receive-final')) === 2);
    assert.equal(await acknowledgedOf('gaia-1'), 0);
    assert.equal(await countOf(relayer, 'failed'), 0);
    world.c.revertAll = undefined;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 8);
  });

  test('error acknowledgements and timeouts, from and to the Cosmos chain', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const relayer = await world.start();
    const link = world.links.find(({ id }) => id === 'a-c');
    assert.ok(link);
    for (const [from, to, late] of [
      [world.a, world.c, 2n],
      [world.c, world.a, 3n],
    ] as const) {
      to.refuse.add(1n);
      to.poison.add(late);
      const { timestampSec } = await to.chain.reader.latestBlock();
      world.send(from, 1n, { link });
      world.send(from, late, { link, timeoutSec: timestampSec + 30n });
    }
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 2);
    await world.until(async () => (await countOf(relayer, 'timed-out')) === 2);
    assert.equal(world.c.received.get(2n), undefined);
    assert.equal(world.a.received.get(3n), undefined);
  });

  test('a packet of two payloads towards an EVM chain is undeliverable, costs nothing, and is timed out', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const relayer = await world.start();
    const link = world.links.find(({ id }) => id === 'a-c');
    assert.ok(link);
    const { timestampSec } = await world.a.chain.reader.latestBlock();
    world.send(world.c, 1n, { link, payloads: 2, timeoutSec: timestampSec + 60n });
    world.send(world.c, 2n, { link });
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1, 'the good packet');
    await world.until(async () => (await countOf(relayer, 'failed')) === 1, 'the undeliverable packet');
    const [bad] = (await relayer.queries.list({ states: ['failed'] }, 10)).packets;
    assert.match(bad?.failure ?? '', /undeliverable: 2 payloads/);
    assert.equal(await relayer.retry('gaia-1', 'attestations-0', []), 1);
    await world.until(async () => (await countOf(relayer, 'timed-out')) === 1);
    assert.equal(world.a.received.get(1n), undefined);
    assert.ok(world.a.transactions.every(({ kind }) => kind !== 'timeout'));
  });

  test('a packet of two payloads that was refused has one acknowledgement, and halts nothing', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const relayer = await world.start();
    const link = world.links.find(({ id }) => id === 'a-c');
    assert.ok(link);
    world.c.refuse.add(1n);
    world.send(world.a, 1n, { link, payloads: 2 });
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.equal(relayer.halts().length, 0);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { packetState } from '../src/domain/packet-state.ts';
import { countOf, createFakeWorld } from './support/fake-world.ts';

describe('relaying between two fake chains', () => {
  test('a packet goes through all its stages, in order', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    world.send(world.a, 1n);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    const states = world.events.flatMap((event) => (event.type === 'packet' ? [event.to] : []));
    assert.deepEqual(
      states.filter((state) => !state.includes('proven')),
      ['sent', 'final', 'submitted', 'received', 'receive-final', 'ack-submitted', 'acknowledged'],
    );
    assert.equal(world.b.received.get(1n), 1);
    const [record] = (await relayer.queries.list({}, 10)).packets;
    assert.ok(record?.send?.final);
    assert.equal(record.sourceClientId, 'client-a');
  });

  test('both directions at once, 200 packets each: large batches, every packet exactly once', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    for (let i = 1n; i <= 200n; i++) {
      world.send(world.a, i);
      world.send(world.b, i);
    }
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 400);
    for (const side of [world.a, world.b]) {
      assert.equal(side.received.size, 200);
      assert.ok([...side.received.values()].every((count) => count === 1));
      const receives = side.transactions.filter(({ kind }) => kind === 'receive');
      assert.ok(receives.length <= 4, `${receives.length} receive transactions`);
    }
  });

  test('peers.md #10: sequences are 64 bits wide everywhere, and sort as numbers', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    const sequences = [2n ** 64n - 1n, 2n ** 63n, 2n ** 53n + 1n, 2n ** 31n, 9n, 10n];
    for (const sequence of sequences) world.send(world.a, sequence);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === sequences.length);
    const { packets } = await relayer.queries.list({ sequences: [2n ** 64n - 1n] }, 10);
    assert.deepEqual(
      packets.map(({ sequence }) => sequence),
      [2n ** 64n - 1n],
    );
    assert.deepEqual([...world.b.received.keys()].sort(), [...sequences].sort());
  });

  test('error acknowledgements are brought back as well', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    world.b.refuse.add(1n);
    world.send(world.a, 1n);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
  });

  test('a packet whose timeout passed is timed out and never received', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    const { timestampSec } = await world.b.chain.reader.latestBlock();
    world.b.poison.add(1n);
    world.send(world.a, 1n, { timeoutSec: timestampSec + 30n });
    world.send(world.a, 2n, { timeoutSec: timestampSec + 1n });
    await world.until(async () => (await countOf(relayer, 'timed-out')) === 2);
    assert.equal(world.b.received.size, 0);
    const { packets } = await relayer.queries.list({}, 10);
    assert.ok(packets.every(({ timeout, receive }) => timeout !== undefined && receive === undefined));
  });

  test('another relayer wins: its events end the work, and nothing is counted as a failure', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    const packet = world.send(world.a, 1n);
    world.onProof = async () => {
      world.onProof = undefined;
      world.b.receiveByAnother(packet);
      world.b.chain.mine();
    };
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.equal(
      world.events.some(({ type }) => type === 'batch-failed'),
      false,
    );
    assert.equal(world.b.received.size, 0);
  });

  test('a reorganisation before finality takes a send back; sent again, it is relayed once', async (t) => {
    const world = createFakeWorld({ finalityOffset: 4 });
    t.after(world.close);
    const relayer = await world.start();
    const packet = world.send(world.a, 1n);
    world.a.chain.mine();
    await world.until(async () => (await countOf(relayer, 'sent')) === 1);
    assert.equal((await world.a.chain.reader.latestBlock()).height - 1n >= 0n, true);
    world.a.chain.reorg(3);
    await world.until(async () => (await countOf(relayer, 'dropped')) === 1 || (await countOf(relayer, 'final')) === 1);
    assert.equal(await countOf(relayer, 'dropped'), 1);
    world.a.chain.sendPacket(packet);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.equal(world.b.received.get(1n), 1);
  });

  test('a reorganisation replaces a send by another packet of the same sequence', async (t) => {
    const world = createFakeWorld({ finalityOffset: 4 });
    t.after(world.close);
    const relayer = await world.start();
    world.send(world.a, 1n, { valueBytes: 10 });
    world.a.chain.mine();
    await world.until(async () => (await countOf(relayer, 'sent')) === 1);
    world.a.chain.reorg(3);
    world.send(world.a, 1n, { valueBytes: 20 });
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.equal(relayer.halts().length, 0);
    const [record] = (await relayer.queries.list({}, 10)).packets;
    assert.equal(record?.packet.payloads[0]?.value.length, 20);
    assert.equal(record === undefined ? '' : packetState(record), 'acknowledged');
  });
});

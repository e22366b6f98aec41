import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { EventSource, PacketEvent } from '@interchain-attestation/chains';
import { createSendGaps, fills } from '../src/watch/send-gaps.ts';
import { countOf, createFakeWorld, type FakeWorld, type Side } from './support/fake-world.ts';

const sendOf = (sourceClient: string, sequence: bigint, height: bigint): PacketEvent => {
  const hash = `0x${'00'.repeat(32)}` as const;
  const packet = { sequence, sourceClient, destClient: 'there', timeoutTimestampSec: 1n, payloads: [] };
  return { type: 'send', height, blockHash: hash, txId: hash, index: 0, packet };
};

/** A node that leaves the sends of some packets out of its events, for as long as it does. */
const leaveOut = (side: Side): Set<bigint> => {
  const hidden = new Set<bigint>();
  const source = side.handle.events as { events: EventSource['events'] };
  const read = source.events.bind(side.handle.events);
  source.events = async function* (...range) {
    for await (const piece of read(...range)) {
      yield {
        ...piece,
        events: piece.events.filter(({ type, packet }) => type !== 'send' || !hidden.has(packet.sequence)),
      };
    }
  };
  return hidden;
};

const acknowledged =
  (relayer: Awaited<ReturnType<FakeWorld['start']>>, count: number): (() => Promise<boolean>) =>
  async () =>
    (await countOf(relayer, 'acknowledged')) === count;

describe('sends that a node leaves out', () => {
  test('are gaps in the sequences of a client, between its first one seen and any later one', () => {
    const gaps = createSendGaps(new Set(['a', 'b']));
    assert.deepEqual(gaps.find([sendOf('a', 7n, 10n)]), [], 'what came before the first is not known');
    gaps.note([sendOf('a', 7n, 10n), sendOf('b', 1n, 10n), sendOf('foreign', 1n, 10n)]);
    assert.deepEqual(gaps.find([sendOf('a', 8n, 11n), sendOf('a', 6n, 11n), sendOf('foreign', 9n, 11n)]), []);
    const found = gaps.find([sendOf('a', 12n, 13n), sendOf('a', 9n, 12n), sendOf('b', 3n, 12n)]);
    assert.deepEqual(
      found.toSorted((x, y) => Number(x.first - y.first)),
      [
        { clientId: 'b', first: 2n, last: 2n, after: 10n },
        { clientId: 'a', first: 8n, last: 8n, after: 10n },
        { clientId: 'a', first: 10n, last: 11n, after: 12n },
      ].toSorted((x, y) => Number(x.first - y.first)),
    );
    const [gap] = found;
    assert.ok(gap && fills(gap, sendOf(gap.clientId, gap.first, 1n)) && !fills(gap, sendOf('c', gap.first, 1n)));
    gaps.reset(new Map());
    assert.deepEqual(gaps.find([sendOf('a', 99n, 20n)]), []);
  });

  test('for a moment are found as soon as a later packet shows that they are missing', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const hidden = leaveOut(world.a);
    const relayer = await world.start();
    world.send(world.a, 1n);
    await world.until(acknowledged(relayer, 1));
    hidden.add(2n);
    world.send(world.a, 2n);
    let turns = 0;
    await world.until(() => ++turns > 6);
    hidden.clear();
    for (let i = 3n; i <= 6n; i++) world.send(world.a, i);
    await world.until(acknowledged(relayer, 6));
    assert.ok([...world.b.received.values()].every((count) => count === 1));
  });

  test('are waited for anew each time, however often that happened before', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const hidden = leaveOut(world.a);
    const relayer = await world.start({ retryInitialMs: 1, retryMaxMs: 2 });
    const failures = (): number => world.events.filter(({ type }) => type === 'outage').length;
    world.send(world.a, 1n);
    await world.until(acknowledged(relayer, 1));
    for (let sequence = 2n; sequence <= 40n; sequence += 2n) {
      hidden.add(sequence);
      const before = failures();
      world.send(world.a, sequence);
      world.send(world.a, sequence + 1n);
      await world.until(() => failures() > before, `the gap of ${sequence}`);
      hidden.clear();
      await world.until(acknowledged(relayer, Number(sequence) + 1));
    }
    assert.ok(world.events.every(({ type }) => type !== 'sends-missing'));
  });

  test('before a restart are found after it', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'relayer-gaps-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const world = createFakeWorld({ storePath: join(directory, 'relayer.db') });
    t.after(world.close);
    const hidden = leaveOut(world.a);
    const first = await world.start();
    world.send(world.a, 1n);
    await world.until(acknowledged(first, 1));
    await world.close();
    hidden.add(2n);
    world.send(world.a, 2n);
    world.a.chain.mine(5);
    const relayer = await world.start();
    await world.until(() => relayer.progress().every(({ synced }) => synced));
    hidden.clear();
    world.send(world.a, 3n);
    await world.until(acknowledged(relayer, 3));
  });

  test('for a while are waited for; for good, they are told, and the others go on', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const hidden = leaveOut(world.a);
    const relayer = await world.start({ retryInitialMs: 1, retryMaxMs: 5 });
    world.send(world.a, 1n);
    await world.until(acknowledged(relayer, 1));
    hidden.add(2n);
    hidden.add(3n);
    const lost = world.send(world.a, 2n);
    world.send(world.a, 3n);
    world.send(world.a, 4n);
    await world.until(acknowledged(relayer, 2));
    const missing = world.events.flatMap((event) => (event.type === 'sends-missing' ? [event] : []));
    assert.deepEqual(
      missing.map(({ chainId, clientId, first, last }) => ({ chainId, clientId, first, last })),
      [{ chainId: '1', clientId: lost.sourceClient, first: 2n, last: 3n }],
    );
    hidden.clear();
    world.send(world.a, 5n);
    await world.until(acknowledged(relayer, 3));
  });
});

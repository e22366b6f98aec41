import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChainError, type TxSender } from '@interchain-attestation/chains';
import type { Packet } from '@interchain-attestation/core';
import { packetOf } from './support/fake-form.ts';
import { countOf, createFakeWorld, type FakeWorld, type Side } from './support/fake-world.ts';

const noAnswer = (kind: string): ChainError =>
  new ChainError('chain/unavailable', 'the node gave no answer', { retryable: true, meta: { kind } });

/** Puts something before the sender of a side. @returns how often it refused */
const guardSender = (
  side: Side,
  refuse: (packets: readonly Packet[]) => ChainError | undefined,
): { readonly count: () => number } => {
  const sender = side.handle.sender as { submit: TxSender['submit'] };
  const submit = sender.submit.bind(side.handle.sender);
  let refused = 0;
  sender.submit = (transaction, options) => {
    const error = refuse(side.form.decode(transaction.tx).map(packetOf));
    if (error === undefined) return submit(transaction, options);
    refused += 1;
    return Promise.reject(error);
  };
  return { count: () => refused };
};

const PACE = { retryInitialMs: 1, retryMaxMs: 5, patienceMs: 20 } as const;

describe('a node that answers everything but a transaction', () => {
  const start = async (t: { after(close: () => Promise<void>): void }): Promise<FakeWorld> => {
    const world = createFakeWorld();
    t.after(world.close);
    return world;
  };

  test('one packet that takes the node longer than it has time holds up no other', async (t) => {
    const world = await start(t);
    let isSlow = true;
    guardSender(world.b, (packets) =>
      isSlow && packets.some(({ sequence }) => sequence === 17n) ? noAnswer('timeout') : undefined,
    );
    const relayer = await world.start({ ...PACE, maxAttempts: 2 });
    for (let i = 1n; i <= 40n; i++) world.send(world.a, i);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 39, 'all but one');
    for (let i = 41n; i <= 50n; i++) world.send(world.a, i);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 49, 'those sent later');
    assert.equal(await countOf(relayer, 'failed'), 0);
    isSlow = false;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 50, 'the slow one');
  });

  test('a body that is too large for the node is divided at once', async (t) => {
    const world = await start(t);
    const refusals = guardSender(world.b, (packets) => (packets.length > 20 ? noAnswer('too-large') : undefined));
    const relayer = await world.start({ ...PACE, patienceMs: 3_600_000 });
    for (let i = 1n; i <= 60n; i++) world.send(world.a, i);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 60);
    assert.ok(refusals.count() > 0);
    assert.equal(await countOf(relayer, 'failed'), 0);
  });

  test('many packets that take it too long, at once: each is found, the others go through', async (t) => {
    const world = await start(t);
    guardSender(world.b, (packets) =>
      packets.some(({ sequence }) => sequence % 3n === 0n) ? noAnswer('timeout') : undefined,
    );
    const relayer = await world.start({ ...PACE, maxAttempts: 2 });
    for (let i = 1n; i <= 30n; i++) world.send(world.a, i);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 20, 'the others');
    assert.equal(await countOf(relayer, 'failed'), 0);
    const told = world.events.flatMap((event) => (event.type === 'batch-failed' ? [event.next] : []));
    assert.ok(told.includes('retry'), 'nobody hears of them');
  });

  test('no transaction at all, though it answers for its head: few attempts, and none is to blame', async (t) => {
    const world = await start(t);
    let isDown = true;
    const { count } = guardSender(world.b, () => (isDown ? noAnswer('timeout') : undefined));
    const relayer = await world.start({ ...PACE, patienceMs: 0 });
    for (let i = 1n; i <= 64n; i++) world.send(world.a, i);
    await world.until(() => count() >= 40, 'attempts');
    const { packets } = await relayer.queries.list({}, 100);
    assert.ok(packets.every(({ attempts }) => attempts === 0));
    isDown = false;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 64);
    assert.ok(
      world.b.transactions.length <= 10,
      `${world.b.transactions.length} transactions for what was whole before`,
    );
  });

  test('a node that goes away while the packet is looked for: what was not tried goes on when it is back', async (t) => {
    const world = await start(t);
    let calls = 0;
    guardSender(world.b, (packets) => {
      calls += 1;
      if (calls > 4 && calls < 9) return noAnswer('connection');
      return packets.some(({ sequence }) => sequence === 5n) ? noAnswer('timeout') : undefined;
    });
    const relayer = await world.start({ ...PACE, patienceMs: 0 });
    for (let i = 1n; i <= 16n; i++) world.send(world.a, i);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 15);
    assert.ok(calls > 9);
  });

  test('while nothing answers, nothing is divided: all goes on as before when it is back', async (t) => {
    const world = await start(t);
    let isDown = false;
    const sizes: number[] = [];
    guardSender(world.b, (packets) => {
      sizes.push(packets.length);
      return isDown ? noAnswer('timeout') : undefined;
    });
    const { latestBlock } = world.b.handle.reader;
    world.b.handle.reader.latestBlock = (...args) =>
      isDown ? Promise.reject(noAnswer('timeout')) : latestBlock(...args);
    const relayer = await world.start({ ...PACE, patienceMs: 0 });
    isDown = true;
    for (let i = 1n; i <= 10n; i++) world.send(world.a, i);
    await world.until(() => sizes.length >= 8, 'attempts');
    isDown = false;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 10);
    assert.ok(sizes.every((size) => size === sizes[0] || size === 10));
  });
});

describe('a chain that refuses for a reason that passes', () => {
  for (const leg of ['receive', 'acknowledge'] as const) {
    test(`a gas limit that was too low in its block makes no dead letter of a packet to ${leg}`, async (t) => {
      const world = createFakeWorld();
      t.after(world.close);
      const side = leg === 'receive' ? world.b : world.a;
      const sender = side.handle.sender as { submit: TxSender['submit'] };
      const submit = sender.submit.bind(side.handle.sender);
      let submissions = 0;
      sender.submit = async (transaction, options) => {
        submissions += 1;
        if (submissions > 1) return submit(transaction, options);
        const { height, hash: blockHash } = await side.chain.reader.latestBlock();
        const txId = `0x${'ab'.repeat(32)}` as const;
        options?.onBroadcast?.(txId);
        const spent = { gasUsed: 200_001n, feePaid: 1n, bytes: 900, events: [] };
        return { txId, height, blockHash, ...spent, success: false, failure: 'out-of-gas: gasWanted: 200000' };
      };
      const relayer = await world.start(PACE);
      world.send(world.a, 1n);
      await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
      assert.ok(submissions >= 2);
    });
  }

  test('a refund above the limit of the day is tried until there is another day', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ ...PACE, maxAttempts: 2 });
    world.b.refuse.add(1n);
    world.a.revertAll = 'RateLimitExceeded';
    world.send(world.a, 1n);
    await world.until(() => world.a.simulations >= 6);
    assert.equal(await countOf(relayer, 'failed'), 0);
    world.a.revertAll = undefined;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
  });
});

test('packets that may time out on their way travel apart from the others, and before them', async (t) => {
  const world = createFakeWorld({ finalityOffset: 0 });
  t.after(world.close);
  const batches: (readonly bigint[])[] = [];
  guardSender(world.b, (packets) => {
    batches.push(packets.map(({ sequence }) => sequence));
    return undefined;
  });
  world.b.chain.mine(3);
  const { timestampSec } = await world.b.chain.reader.latestBlock();
  for (let i = 1n; i <= 60n; i++) world.send(world.a, i, i === 40n ? { timeoutSec: timestampSec + 4n } : {});
  // More batches than slots.
  const relayer = await world.start({ ...PACE, maxParallelBatches: 2, batch: { receive: { maxPackets: 10 } } });
  await world.until(async () => (await countOf(relayer, 'acknowledged')) >= 59);
  assert.deepEqual(batches[0], [40n]);
});

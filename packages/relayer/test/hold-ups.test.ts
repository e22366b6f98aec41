import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { BlockHeader } from '@interchain-attestation/chains';
import { encodePacket } from '@interchain-attestation/core';
import { GrpcCode, RpcError } from '@interchain-attestation/service';
import { countOf, createFakeWorld } from './support/fake-world.ts';

describe('what could hold up or repeat work', () => {
  test('packets that timed out and wait for that to be final do not stand before fresh ones', async (t) => {
    const world = createFakeWorld({ finalityOffset: 2 });
    t.after(world.close);
    const relayer = await world.start();
    // More than a lane looks at; a chain whose final block stands still never lets them expire.
    const { timestampSec } = await world.b.chain.reader.latestBlock();
    const finalized = await world.b.chain.reader.finalizedBlock();
    world.b.handle.reader.finalizedBlock = () => Promise.resolve(finalized);
    for (let i = 1n; i <= 900n; i++) world.send(world.a, i, { timeoutSec: timestampSec });
    await world.until(async () => (await countOf(relayer, 'final')) === 900);
    world.send(world.a, 901n);
    await world.until(() => world.b.received.has(901n), 'the fresh packet');
    assert.equal(world.b.received.size, 1);
  });

  test('a chain that resumes after a standstill takes packets whose timeout is nearer than the standstill was long', async (t) => {
    const world = createFakeWorld({ finalityOffset: 0 });
    t.after(world.close);
    await world.start();
    world.a.chain.mine();
    const { timestampSec } = await world.b.chain.reader.latestBlock();
    world.b.chain.mine(1, timestampSec + 7_200n);
    world.send(world.a, 1n, { timeoutSec: timestampSec + 7_200n + 3_600n });
    for (let turn = 0; turn < 300 && world.proofRequests === 0; turn++) {
      world.a.chain.mine();
      await delay(4);
    }
    assert.ok(world.proofRequests > 0);
  });

  test('a packet that was too near its timeout while blocks were rare is taken when they come fast again', async (t) => {
    const world = createFakeWorld({ finalityOffset: 0 });
    t.after(world.close);
    await world.start();
    const { timestampSec } = await world.b.chain.reader.latestBlock();
    // 50 seconds between two blocks: the next one may come after the timeout.
    world.b.chain.mine(1, timestampSec + 50n);
    world.send(world.a, 1n, { timeoutSec: timestampSec + 90n });
    for (let turn = 0; turn < 30; turn++) {
      world.a.chain.mine();
      await delay(4);
    }
    assert.equal(world.proofRequests, 0);
    world.b.chain.mine();
    for (let turn = 0; turn < 300 && world.proofRequests === 0; turn++) {
      world.a.chain.mine();
      await delay(4);
    }
    assert.ok(world.proofRequests > 0);
  });

  test('a proof API that fails without a reason makes no dead letters, and holds no other packet for ever', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 2, patienceMs: 50 });
    world.proofError = new RpcError(GrpcCode.Internal, 'stream closed');
    for (let i = 1n; i <= 4n; i++) world.send(world.a, i);
    await world.until(() => world.proofRequests >= 40);
    assert.equal(await countOf(relayer, 'failed'), 0);
    const outages = world.events.filter(({ type }) => type === 'outage');
    assert.equal(outages.length, 1);
    world.proofError = undefined;
    let bad = '';
    // One packet on which it goes on failing.
    world.onMessages = (messages) => {
      if (messages.some(({ packet }) => packet === bad))
        throw new RpcError(GrpcCode.Unknown, 'cannot read properties of undefined');
    };
    bad = Buffer.from(encodePacket(world.send(world.a, 5n))).toString('base64');
    for (let i = 6n; i <= 8n; i++) world.send(world.a, i);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 7);
    assert.equal(await countOf(relayer, 'failed'), 0);
    world.onMessages = undefined;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 8);
  });

  test('a node that is behind does not take back what a newer block showed', async (t) => {
    const world = createFakeWorld({ finalityOffset: 3 });
    t.after(world.close);
    const heads: ((head: BlockHeader) => void)[] = [];
    const { watchHeads } = world.b.chain.events;
    world.b.handle.events.watchHeads = (handlers) => {
      heads.push(handlers.onHead);
      return watchHeads(handlers);
    };
    const relayer = await world.start();
    world.send(world.a, 1n);
    await world.until(async () => (await countOf(relayer, 'received')) === 1);
    const { height } = await world.b.chain.reader.latestBlock();
    const [behind] = await world.b.chain.reader.headers([height - 2n]);
    assert.ok(behind);
    for (const onHead of heads) onHead(behind);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    const states = world.events.flatMap((event) => (event.type === 'packet' ? [event.to] : []));
    assert.equal(states.filter((state) => state === 'received').length, 1);
    assert.equal(world.b.noops, 0);
  });
});

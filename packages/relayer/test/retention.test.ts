import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countOf, createFakeWorld } from './support/fake-world.ts';
import { createJumpClock } from './support/jump-clock.ts';

const WEEK_MS = 604_800_000;
/** A resume after a reorganisation of final blocks reads so many blocks again: their packets are kept. */
const REWIND_BLOCKS = 10_000;

describe('finished packets', () => {
  test('are kept for a week and for the blocks of a rewind, and forgotten then; unfinished ones stay', async (t) => {
    const clock = createJumpClock();
    const world = createFakeWorld({ clock });
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 1 });
    const { timestampSec } = await world.b.chain.reader.latestBlock();
    const old = world.send(world.a, 1n);
    world.b.poison.add(2n);
    world.send(world.a, 2n, { timeoutSec: timestampSec + 40n });
    world.b.poison.add(3n);
    world.send(world.a, 3n);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    await world.until(async () => (await countOf(relayer, 'timed-out')) === 1);
    await world.until(async () => (await countOf(relayer, 'failed')) === 1);
    const settled = async (): Promise<void> => {
      const { height } = await world.a.chain.reader.latestBlock();
      await world.until(() => relayer.progress().every(({ cursorHeight = 0n }) => cursorHeight >= height));
    };
    await settled();
    assert.equal(await relayer.forgetFinished(), 0, 'neither old enough nor deep enough');
    for (const { chain } of [world.a, world.b]) chain.mine(REWIND_BLOCKS);
    await settled();
    assert.equal(await relayer.forgetFinished(), 0, 'deep enough, not old enough');
    world.send(world.a, 4n);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 2);
    await settled();
    clock.jump(WEEK_MS);
    // The relayer does it by itself; the old acknowledged one and the timed-out one are gone.
    await world.until(async () => (await relayer.queries.list({}, 10)).packets.length === 2, 'two to be forgotten');
    const { packets } = await relayer.queries.list({}, 10);
    assert.deepEqual(
      packets.map(({ sequence }) => sequence),
      [4n, 3n],
    );

    // Asked for again, by either of its ends, it is not sent again, and halts nothing.
    const events = [];
    const { height } = await world.b.chain.reader.latestBlock();
    for await (const piece of world.a.chain.events.events(0n, height)) events.push(...piece.events);
    for await (const piece of world.b.chain.events.events(0n, height)) events.push(...piece.events);
    const ofOld = events.filter(({ packet }) => packet.sequence === 1n);
    const receive = ofOld.find(({ type }) => type === 'write-acknowledgement');
    const send = ofOld.find(({ type }) => type === 'send');
    assert.ok(receive && send);
    assert.equal(await relayer.relayTransaction('2', receive.txId), 1);
    await settled();
    await world.until(async () => (await countOf(relayer, 'orphan')) === 1);
    assert.equal(await relayer.relayTransaction('1', send.txId), 1);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 2, 'the end of the old one');
    assert.equal(relayer.halts().length, 0);
    assert.equal(world.b.received.get(old.sequence), 1);
    assert.equal(world.b.noops + world.a.noops, 0);
  });

  test('pages of the list go on while packets between them are forgotten', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ keepFinishedSec: 0 });
    for (let sequence = 1n; sequence <= 30n; sequence++) world.send(world.a, sequence);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 30);
    const first = await relayer.queries.list({}, 10);
    for (const { chain } of [world.a, world.b]) chain.mine(REWIND_BLOCKS + 5);
    world.send(world.a, 31n);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 31);
    const forgotten = await relayer.forgetFinished();
    assert.ok(forgotten >= 30 && first.nextPage !== undefined);
    assert.deepEqual((await relayer.queries.list({}, 10, first.nextPage)).packets, []);
  });
});

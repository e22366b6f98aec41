import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BlockHeader, PacketEvent } from '../../src/ports.ts';
import { type ChainHarness, type CreateHarness, NO_REORG, type SuiteOptions } from './harness.ts';
import { rejectsWith } from './rejects-with.ts';

/** What every EventSource does. */
export const eventSourceConformance = (name: string, create: CreateHarness, options: SuiteOptions = {}): void => {
  const skip = options.skip ?? false;
  describe(`EventSource: ${name}`, () => {
    let chain: ChainHarness;
    before(async () => {
      if (skip !== false) return;
      chain = await create();
      await chain.mine(1);
    });
    after(() => chain?.stop());

    const collect = async (from: bigint, to: bigint): Promise<{ events: PacketEvent[]; through: bigint[] }> => {
      const events: PacketEvent[] = [];
      const through: bigint[] = [];
      for await (const piece of chain.events.events(from, to)) {
        events.push(...piece.events);
        through.push(piece.through);
      }
      return { events, through };
    };

    test('finds the events of a transaction', { skip }, async () => {
      const { txId, packet } = await chain.sendPacket();
      const head = await chain.reader.latestBlock();
      const [event, ...rest] = await chain.events.transactionEvents(txId);
      assert.equal(rest.length, 0);
      assert.equal(event?.type, 'send');
      assert.deepEqual(event?.packet, packet);
      const [block] = await chain.reader.headers([event?.height ?? 0n]);
      if (chain.makesBlocksByItself !== true) assert.deepEqual(block, head);
      assert.equal(event?.blockHash, block?.hash);
      assert.equal(event?.txId, txId);
    });

    test('tells an unknown transaction from a failed one', { skip }, async () => {
      const unknown = await rejectsWith(chain.events.transactionEvents(`0x${'00'.repeat(32)}`), 'chain/tx-not-found');
      assert.equal(unknown.retryable, true);
      await rejectsWith(chain.events.transactionEvents(await chain.failTransaction()), 'chain/tx-failed');
    });

    test('yields the events of a range, oldest first, covering it to its end', { skip }, async () => {
      const from = (await chain.reader.latestBlock()).height + 1n;
      const sent = [await chain.sendPacket(), await chain.sendPacket(), await chain.sendPacket()];
      await chain.mine(2);
      const to = (await chain.reader.latestBlock()).height;
      const { events, through } = await collect(from, to);
      assert.deepEqual(
        events.map(({ txId }) => txId),
        sent.map(({ txId }) => txId),
      );
      assert.equal(through.at(-1), to);
      assert.deepEqual(
        through,
        [...through].sort((a, b) => Number(a - b)),
      );
      assert.equal((await collect(to, to)).events.length, 0);
      assert.deepEqual(await collect(to, to - 1n), { events: [], through: [] });
    });

    test('does not call a range empty that the chain has not reached', { skip }, async () => {
      const head = await chain.reader.latestBlock();
      const error = await rejectsWith(collect(head.height, head.height + 1_000n), 'chain/height-not-found');
      assert.equal(error.retryable, true);
    });

    test('refuses a range that is none', { skip }, async () => {
      await rejectsWith(collect(-1n, 1n), 'chain/invalid-input');
    });

    test('forgets the events of a block that was reorganized away', { skip }, async (context) => {
      if (chain.reorg === undefined) return context.skip(NO_REORG);
      const { txId } = await chain.sendPacket();
      const { height } = await chain.reader.latestBlock();
      await chain.reorg(1);
      const { events } = await collect(height, height);
      assert.equal(events.filter((event) => event.txId === txId).length, 0);
    });

    test('calls back with the head at once, at each new block, and never after close', { skip }, async () => {
      const heads: BlockHeader[] = [];
      let wake = (): void => {};
      const seen = async (height: bigint): Promise<void> => {
        while (!heads.some((head) => head.height === height)) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      };
      const watch = chain.events.watchHeads({
        onHead(head) {
          heads.push(head);
          wake();
        },
      });
      const start = (await chain.reader.latestBlock()).height;
      await seen(start);
      await chain.mine(1);
      await seen(start + 1n);
      await chain.mine(1);
      await seen(start + 2n);
      watch.close();
      const count = heads.length;
      await chain.mine(1);
      await chain.reader.latestBlock();
      assert.equal(heads.length, count);
      assert.equal(new Set(heads.map(({ hash }) => hash)).size, count, 'a head was told twice');
    });
  });
};

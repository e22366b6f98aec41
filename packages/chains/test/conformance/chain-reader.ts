import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hashPath, packetCommitment } from '@interchain-attestation/core';
import type { StorePath } from '../../src/ports.ts';
import { type ChainHarness, type CreateHarness, FINALITY_OFFSET, NO_REORG, type SuiteOptions } from './harness.ts';
import { rejectsWith } from './rejects-with.ts';

/** What every ChainReader does. */
export const chainReaderConformance = (name: string, create: CreateHarness, options: SuiteOptions = {}): void => {
  const skip = options.skip ?? false;
  describe(`ChainReader: ${name}`, () => {
    let chain: ChainHarness;
    const pathTo = (sequence: bigint): StorePath => ({ kind: 'packet', clientId: chain.client.id, sequence });

    before(async () => {
      if (skip !== false) return;
      chain = await create();
    });
    after(() => chain?.stop());

    test('names the chain, and the same one twice', { skip }, async () => {
      const identity = await chain.reader.identity();
      assert.match(identity.chainId, chain.reader.kind === 'evm' ? /^[0-9]+$/ : /^[\x21-\x7e]+$/);
      assert.match(identity.genesisHash, /^0x[0-9a-f]{64}$/);
      assert.deepEqual(await chain.reader.identity(), identity);
      assert.equal((await chain.reader.headers([chain.genesisHeight ?? 0n]))[0]?.hash, identity.genesisHash);
    });

    test('chains headers by parent hash, in the order asked, with undefined above the head', { skip }, async () => {
      await chain.mine(3);
      const head = await chain.reader.latestBlock();
      const unmade = head.height + (chain.makesBlocksByItself === true ? 1_000n : 1n);
      const heights = [head.height, unmade, head.height - 1n, 2n ** 63n, 2n ** 64n - 1n, head.height];
      const [top, above, parent, huge, largest, again] = await chain.reader.headers(heights);
      assert.deepEqual(top, head);
      assert.deepEqual(again, head);
      assert.equal(above, undefined);
      assert.equal(huge, undefined);
      assert.equal(largest, undefined);
      assert.equal(parent?.hash, head.parentHash);
      assert.ok((parent?.timestampSec ?? 0n) <= head.timestampSec);
      assert.deepEqual(await chain.reader.headers([]), []);
    });

    test("refuses a negative height as the caller's mistake", { skip }, async () => {
      await rejectsWith(chain.reader.headers([-1n]), 'chain/invalid-input');
    });

    test('the final block lies the configured number of blocks below the head', { skip }, async () => {
      const offset = BigInt(chain.finalityOffset ?? FINALITY_OFFSET);
      await chain.mine(Number(offset) + 1);
      const head = await chain.reader.latestBlock();
      const final = await chain.reader.finalizedBlock({ covering: head.height - offset });
      assert.deepEqual((await chain.reader.headers([final.height]))[0], final);
      const later = await chain.reader.finalizedBlock({ covering: head.height + 10n });
      if (chain.makesBlocksByItself === true) {
        assert.ok(final.height >= head.height - offset && later.height >= final.height);
        return;
      }
      assert.equal(final.height, head.height - offset);
      assert.equal(later.height, final.height);
    });

    test('reads a commitment at the block that holds it, and its absence before and beside it', { skip }, async () => {
      const before = await chain.reader.latestBlock();
      const { packet } = await chain.sendPacket();
      const block = await chain.reader.latestBlock();
      const paths = [pathTo(packet.sequence), pathTo(packet.sequence + 1_000n)];
      const [present, absent] = await chain.reader.commitments(block, paths);
      assert.deepEqual(present, packetCommitment(packet));
      assert.equal(absent, undefined);
      assert.deepEqual(await chain.reader.commitments(before, paths), [undefined, undefined]);
      assert.deepEqual(await chain.reader.commitments(block, []), []);
    });

    test('takes a hashed path in place of hashing the path', { skip }, async () => {
      const { packet } = await chain.sendPacket();
      const path = pathTo(packet.sequence);
      const block = await chain.reader.latestBlock();
      const [value] = await chain.reader.commitments(block, [{ ...path, hashedPath: hashPath(path) }]);
      assert.deepEqual(value, packetCommitment(packet));
    });

    test('keeps the order of many paths, asked at once for several blocks', { skip }, async () => {
      const sent = [await chain.sendPacket(), await chain.sendPacket()];
      const [event] = await chain.events.transactionEvents(sent[1]?.txId ?? '0x');
      const [newest] = await chain.reader.headers([event?.height ?? 0n]);
      assert.ok(newest);
      const [older] = await chain.reader.headers([newest.height - 1n]);
      assert.ok(older);
      const paths = Array.from({ length: 1_500 }, (_, i) => pathTo(BigInt(i + 1)));
      const results = await Promise.all(
        Array.from({ length: 4 }, (_, i) => chain.reader.commitments(i % 2 === 0 ? newest : older, paths)),
      );
      const [last, first] = [sent[1]?.packet, sent[0]?.packet];
      assert.ok(last && first);
      for (const [i, values] of results.entries()) {
        assert.equal(values.length, paths.length);
        assert.deepEqual(values[Number(first.sequence) - 1], packetCommitment(first));
        assert.deepEqual(values[Number(last.sequence) - 1], i % 2 === 0 ? packetCommitment(last) : undefined);
        assert.equal(values[1_499], undefined);
      }
    });

    test('refuses to read a block that was reorganized away', { skip }, async (context) => {
      if (chain.reorg === undefined) return context.skip(NO_REORG);
      const { packet } = await chain.sendPacket();
      const block = await chain.reader.latestBlock();
      await chain.reorg(1);
      await rejectsWith(chain.reader.commitments(block, [pathTo(packet.sequence)]), 'chain/block-not-canonical');
      const [now] = await chain.reader.headers([block.height]);
      assert.notEqual(now?.hash, block.hash);
    });

    test('calls a block that the node never saw an outage, not a reorg', { skip }, async () => {
      const head = await chain.reader.latestBlock();
      const unseen = { ...head, height: head.height + 100n, hash: `0x${'ab'.repeat(32)}` as const };
      const error = await rejectsWith(chain.reader.commitments(unseen, [pathTo(1n)]), 'chain/unavailable');
      assert.equal(error.retryable, true);
    });

    test('refuses a block hash that is none', { skip }, async () => {
      const head = await chain.reader.latestBlock();
      const bad = { ...head, hash: '0x1234' as const };
      await rejectsWith(chain.reader.commitments(bad, [pathTo(1n)]), 'chain/invalid-input');
    });

    test('reads no absence from what is not a router', { skip }, async () => {
      const block = await chain.readerOfNoRouter.latestBlock();
      await rejectsWith(chain.readerOfNoRouter.commitments(block, [pathTo(1n)]), 'chain/not-a-router');
    });

    test('knows the limits of a transaction', { skip }, async () => {
      const { maxTxBytes, maxTxGas } = await chain.reader.limits();
      assert.ok(maxTxBytes > 0);
      assert.ok(maxTxGas > 0n && (chain.reader.kind === 'cosmos' || maxTxGas <= 2n ** 24n));
    });

    test("ends with the signal's reason", { skip }, async () => {
      const reason = new Error('enough');
      await assert.rejects(chain.reader.latestBlock({ signal: AbortSignal.abort(reason) }), reason);
      await assert.rejects(chain.reader.headers([1n], { signal: AbortSignal.abort(reason) }), reason);
    });
  });
};

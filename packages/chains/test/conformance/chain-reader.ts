import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hashPath, packetCommitment } from '@interchain-attestation/core';
import type { StorePath } from '../../src/ports.ts';
import { type ChainHarness, type CreateHarness, FINALITY_OFFSET } from './harness.ts';
import { rejectsWith } from './rejects-with.ts';

/** What every ChainReader does. */
export const chainReaderConformance = (name: string, create: CreateHarness): void => {
  describe(`ChainReader: ${name}`, () => {
    let chain: ChainHarness;
    const pathTo = (sequence: bigint): StorePath => ({ kind: 'packet', clientId: chain.client.id, sequence });

    before(async () => {
      chain = await create();
    });
    after(() => chain.stop());

    test('names the chain, and the same one twice', async () => {
      const identity = await chain.reader.identity();
      assert.match(identity.chainId, /^[0-9]+$/);
      assert.match(identity.genesisHash, /^0x[0-9a-f]{64}$/);
      assert.deepEqual(await chain.reader.identity(), identity);
      assert.equal((await chain.reader.headers([0n]))[0]?.hash, identity.genesisHash);
    });

    test('chains headers by parent hash, in the order asked, with undefined above the head', async () => {
      await chain.mine(3);
      const head = await chain.reader.latestBlock();
      const heights = [head.height, head.height + 1n, head.height - 1n, 2n ** 63n, 2n ** 64n - 1n, head.height];
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

    test("refuses a negative height as the caller's mistake", async () => {
      await rejectsWith(chain.reader.headers([-1n]), 'chain/invalid-input');
    });

    test('the final block lies the configured number of blocks below the head', async () => {
      await chain.mine(FINALITY_OFFSET + 1);
      const head = await chain.reader.latestBlock();
      const final = await chain.reader.finalizedBlock({ covering: head.height - BigInt(FINALITY_OFFSET) });
      assert.equal(final.height, head.height - BigInt(FINALITY_OFFSET));
      assert.deepEqual((await chain.reader.headers([final.height]))[0], final);
      assert.equal((await chain.reader.finalizedBlock({ covering: head.height + 10n })).height, final.height);
    });

    test('reads a commitment at the block that holds it, and its absence before and beside it', async () => {
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

    test('takes a hashed path in place of hashing the path', async () => {
      const { packet } = await chain.sendPacket();
      const path = pathTo(packet.sequence);
      const block = await chain.reader.latestBlock();
      const [value] = await chain.reader.commitments(block, [{ ...path, hashedPath: hashPath(path) }]);
      assert.deepEqual(value, packetCommitment(packet));
    });

    test('keeps the order of many paths, asked at once for several blocks', async () => {
      const sent = [await chain.sendPacket(), await chain.sendPacket()];
      const newest = await chain.reader.latestBlock();
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

    test('refuses to read a block that was reorganized away', async () => {
      const { packet } = await chain.sendPacket();
      const block = await chain.reader.latestBlock();
      await chain.reorg(1);
      await rejectsWith(chain.reader.commitments(block, [pathTo(packet.sequence)]), 'chain/block-not-canonical');
      const [now] = await chain.reader.headers([block.height]);
      assert.notEqual(now?.hash, block.hash);
    });

    test('calls a block that the node never saw an outage, not a reorg', async () => {
      const head = await chain.reader.latestBlock();
      const unseen = { ...head, height: head.height + 100n, hash: `0x${'ab'.repeat(32)}` as const };
      const error = await rejectsWith(chain.reader.commitments(unseen, [pathTo(1n)]), 'chain/unavailable');
      assert.equal(error.retryable, true);
    });

    test('refuses a block hash that is none', async () => {
      const head = await chain.reader.latestBlock();
      const bad = { ...head, hash: '0x1234' as const };
      await rejectsWith(chain.reader.commitments(bad, [pathTo(1n)]), 'chain/invalid-input');
    });

    test('reads no absence from what is not a router', async () => {
      const block = await chain.readerOfNoRouter.latestBlock();
      await rejectsWith(chain.readerOfNoRouter.commitments(block, [pathTo(1n)]), 'chain/not-a-router');
    });

    test('knows the limits of a transaction', async () => {
      const { maxTxBytes, maxTxGas } = await chain.reader.limits();
      assert.ok(maxTxBytes > 0);
      assert.ok(maxTxGas > 0n && maxTxGas <= 2n ** 24n);
    });

    test("ends with the signal's reason", async () => {
      const reason = new Error('enough');
      await assert.rejects(chain.reader.latestBlock({ signal: AbortSignal.abort(reason) }), reason);
      await assert.rejects(chain.reader.headers([1n], { signal: AbortSignal.abort(reason) }), reason);
    });
  });
};

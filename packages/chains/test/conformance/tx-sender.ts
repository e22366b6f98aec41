import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Hex } from '@interchain-attestation/core';
import type { TransactionReceipt } from '../../src/ports.ts';
import type { ChainHarness, CreateHarness, SuiteOptions } from './harness.ts';
import { rejectsWith } from './rejects-with.ts';

/** What every TxSender does. */
export const txSenderConformance = (name: string, create: CreateHarness, options: SuiteOptions = {}): void => {
  const skip = options.skip ?? false;
  describe(`TxSender: ${name}`, () => {
    let chain: ChainHarness;
    before(async () => {
      if (skip !== false) return;
      chain = await create();
      await chain.mine(1);
    });
    after(() => chain?.stop());

    /** Submits, and makes blocks as soon as all of it is broadcast. */
    const submitAndMine = async (count: number): Promise<readonly TransactionReceipt[]> => {
      const ids: Hex[] = [];
      const { promise: allOut, resolve } = Promise.withResolvers<void>();
      const receipts = Promise.all(
        Array.from({ length: count }, () =>
          chain.sender.submit(chain.transactions.good, {
            onBroadcast(txId) {
              ids.push(txId);
              if (ids.length === count) resolve();
            },
          }),
        ),
      );
      await Promise.race([allOut, receipts]);
      await chain.mine(1);
      const done = await receipts;
      assert.deepEqual(new Set(done.map(({ txId }) => txId)), new Set(ids));
      return done;
    };

    test('simulates without sending', { skip }, async () => {
      const simulation = await chain.sender.simulate(chain.transactions.good);
      assert.ok(simulation.ok);
      assert.ok(simulation.gas > 0n && simulation.bytes > chain.transactions.good.tx.length);
      const { height } = await chain.reader.latestBlock();
      assert.equal((await chain.reader.latestBlock()).height, height);
    });

    test('submits and returns the receipt with its events', { skip }, async () => {
      const [receipt] = await submitAndMine(1);
      assert.ok(receipt);
      assert.equal(receipt.success, true);
      assert.equal(receipt.failure, undefined);
      assert.ok(receipt.gasUsed > 0n && receipt.feePaid > 0n);
      assert.equal(receipt.events[0]?.type, 'send');
      const [header] = await chain.reader.headers([receipt.height]);
      assert.equal(header?.hash, receipt.blockHash);
      assert.deepEqual(await chain.events.transactionEvents(receipt.txId), receipt.events);
    });

    test('orders many submissions by itself', { skip }, async () => {
      const receipts = await submitAndMine(12);
      assert.ok(receipts.every(({ success }) => success));
      assert.equal(new Set(receipts.map(({ txId }) => txId)).size, 12);
    });

    test('names the error of a transaction that would fail, and does not send it', { skip }, async () => {
      const { reverting, revertName } = chain.transactions;
      const simulation = await chain.sender.simulate(reverting);
      assert.ok(!simulation.ok);
      assert.equal(simulation.reason, revertName);
      const before = await chain.sender.balance();
      const error = await rejectsWith(chain.sender.submit(reverting), 'chain/simulation-failed');
      assert.equal(error.meta.reason, revertName);
      assert.equal(await chain.sender.balance(), before);
    });

    test('refuses what is larger than the chain takes', { skip }, async () => {
      const simulation = await chain.sender.simulate(chain.transactions.tooLarge);
      assert.ok(!simulation.ok);
      assert.equal(simulation.reason, 'too-large');
      await rejectsWith(chain.sender.submit(chain.transactions.tooLarge), 'chain/tx-too-large');
    });

    test('goes on after a refusal', { skip }, async () => {
      const [receipt] = await submitAndMine(1);
      assert.equal(receipt?.success, true);
    });
  });
};

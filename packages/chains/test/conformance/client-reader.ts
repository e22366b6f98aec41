import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ChainHarness, CreateHarness, SuiteOptions } from './harness.ts';
import { rejectsWith } from './rejects-with.ts';

/** What every ClientReader does. */
export const clientReaderConformance = (name: string, create: CreateHarness, options: SuiteOptions = {}): void => {
  const skip = options.skip ?? false;
  describe(`ClientReader: ${name}`, () => {
    let chain: ChainHarness;
    before(async () => {
      if (skip !== false) return;
      chain = await create();
    });
    after(() => chain?.stop());

    test('reads the state of a client', { skip }, async () => {
      const { id, attestors, minRequiredSigs, latestHeight, verifiesOncePerTransaction } = chain.client;
      const state = await chain.clients.clientState(id);
      assert.deepEqual(state.attestors, attestors);
      assert.equal(state.minRequiredSigs, minRequiredSigs);
      assert.equal(state.latestHeight, latestHeight);
      assert.equal(state.isFrozen, false);
      assert.equal(state.verifiesOncePerTransaction, verifiesOncePerTransaction);
      assert.notEqual(state.location, '');
    });

    test('reads consensus timestamps in order, undefined where there is none', { skip }, async () => {
      const { id, latestHeight, latestTimestampSec } = chain.client;
      const heights = [latestHeight + 1n, latestHeight, 0n, 2n ** 64n - 1n];
      assert.deepEqual(await chain.clients.consensusTimestamps(id, heights), [
        undefined,
        latestTimestampSec,
        undefined,
        undefined,
      ]);
      assert.deepEqual(await chain.clients.consensusTimestamps(id, []), []);
    });

    test('reads the counterparty', { skip }, async () => {
      const counterparty = await chain.clients.counterparty(chain.client.id);
      assert.equal(counterparty.clientId, chain.client.counterpartyId);
      assert.deepEqual(counterparty.merklePrefix, [new Uint8Array()]);
    });

    test('names a client that does not exist', { skip }, async () => {
      await rejectsWith(chain.clients.clientState('client-404'), 'chain/client-not-found');
      await rejectsWith(chain.clients.consensusTimestamps('client-404', [1n]), 'chain/client-not-found');
      await rejectsWith(chain.clients.counterparty(''), 'chain/client-not-found');
    });
  });
};

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSnapshotClient, solidityPolicy } from '@interchain-attestation/light-client';
import { attestors, entry, packetProof, rawPath, stateProof, word } from './support.ts';

const set = attestors(5);
const snapshot = {
  policy: solidityPolicy,
  clientState: { attestors: set.map((a) => a.address), minRequiredSigs: 3, latestHeight: 100n, isFrozen: false },
  consensusStates: new Map([[100n, 1_700_000_000n]]),
};

describe('snapshot client', () => {
  test('answers for a whole batch: update, one full proof, empty follow-ups', () => {
    const client = createSnapshotClient(snapshot);
    const transaction = client.beginTransaction();
    const signers = set.slice(1, 4);
    const update = transaction.updateClient(stateProof(101n, 1_700_000_012n, signers));
    assert.deepEqual(update, {
      ok: true,
      result: 'Update',
      attested: { height: 101n, timestampSec: 1_700_000_012n },
    });
    const names = ['a', 'b', 'c'];
    const proof = packetProof(
      101n,
      names.map((n) => entry(n, word(n))),
      signers,
    );
    for (const [i, name] of names.entries()) {
      const verdict = transaction.verifyMembership({
        proof: i === 0 ? proof : new Uint8Array(0),
        height: 101n,
        path: [rawPath(name)],
        value: word(name),
      });
      assert.deepEqual(verdict, { ok: true, timestamp: 1_700_000_012n });
    }
    assert.equal(client.latestHeight(), 100n);
    transaction.commit();
    assert.equal(client.latestHeight(), 101n);
    assert.equal(client.timestampAtHeight(101n), 1_700_000_012n);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Address,
  createAttestorSet,
  privateKeyToAddress,
  recoverSigner,
  selectQuorum,
  sha256,
  signDigest,
} from '@interchain-attestation/core';
import fc from 'fast-check';

const keys = Array.from({ length: 9 }, (_, i) => sha256(Uint8Array.of(i)));
const addresses = keys.map((key) => privateKeyToAddress(key));
const digest = sha256(Uint8Array.of(100));
const signatures = keys.map((key) => signDigest(digest, key));
const others = keys.map((key) => signDigest(sha256(digest), key));
const at = <T>(items: readonly T[], index: number): T => items[index] as T;

/** Signatures of members (0..4) and strangers (5..8), some over other bytes, some broken. */
const anySignature: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 8 }).map((i) => at(signatures, i)) },
  { weight: 1, arbitrary: fc.nat({ max: 8 }).map((i) => at(others, i)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 70 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat({ max: 8 }), fc.nat({ max: 64 }))
      .map(([i, j]) => at(signatures, i).map((b, k) => (k === j ? b ^ 1 : b))),
  },
);

describe('quorum selection', () => {
  test('peers.md #1: takes exactly m signatures of distinct known attestors, whatever else is among them', () => {
    const quorum = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(quorum, fc.array(anySignature, { maxLength: 14 }), (minRequiredSigs, given) => {
        const set = createAttestorSet(addresses.slice(0, 5), minRequiredSigs);
        const { reached, accepted, rejected } = selectQuorum(set, digest, given);

        // Written once more, the other way round: who of the set signed, by first appearance.
        const signers = new Map<Address, number>();
        for (const [index, signature] of given.entries()) {
          const found = recoverSigner(digest, signature);
          if (found.ok && set.indexOf(found.address) !== undefined && !signers.has(found.address)) {
            signers.set(found.address, index);
          }
        }
        const expected = [...signers].slice(0, minRequiredSigs);
        assert.deepEqual(
          accepted.map(({ signer, index }) => [signer, index]),
          expected,
        );
        assert.equal(reached, signers.size >= minRequiredSigs);

        // What a client would check: each by a known, distinct signer, in the order given, and not one too many.
        assert.equal(new Set(accepted.map(({ signer }) => signer)).size, accepted.length);
        for (const { signature, signer, index } of accepted) {
          assert.equal(signature, given[index]);
          const found = recoverSigner(digest, signature);
          assert.ok(found.ok && found.address === signer);
        }
        // Everything up to the last one looked at is either taken or named as dropped.
        const looked = [...accepted, ...rejected].map(({ index }) => index).sort((a, b) => a - b);
        assert.deepEqual(looked, [...looked.keys()]);
        if (!reached) assert.equal(looked.length, given.length);
      }),
      { numRuns: 300 },
    );
  });

  test('names what it drops', () => {
    const set = createAttestorSet(addresses.slice(0, 2), 2);
    const given = [
      at(signatures, 7),
      new Uint8Array(3),
      at(signatures, 1),
      at(signatures, 1),
      at(signatures, 0),
      at(signatures, 1),
    ];
    const { reached, accepted, rejected } = selectQuorum(set, digest, given);
    assert.equal(reached, true);
    assert.deepEqual(
      accepted.map(({ index }) => index),
      [2, 4],
    );
    assert.deepEqual(rejected, [
      { index: 0, fault: 'unknown-signer', signer: addresses[7] },
      { index: 1, fault: 'length' },
      { index: 3, fault: 'duplicate-signer', signer: addresses[1] },
    ]);
  });

  test('a twin of a signature with another s or v is not a second signature', () => {
    const set = createAttestorSet(addresses.slice(0, 2), 2);
    const twin = at(signatures, 0).slice();
    twin[64] = (twin[64] ?? 0) - 27;
    const { reached, rejected } = selectQuorum(set, digest, [at(signatures, 0), twin]);
    assert.equal(reached, false);
    assert.deepEqual(rejected, [{ index: 1, fault: 'recovery-id' }]);
  });

  test('nothing reaches no quorum', () => {
    const set = createAttestorSet(addresses.slice(0, 1), 1);
    assert.deepEqual(selectQuorum(set, digest, []), { reached: false, accepted: [], rejected: [] });
  });
});

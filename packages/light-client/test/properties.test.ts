import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeAttestationProof, encodePacketAttestation, type PacketCompact } from '@interchain-attestation/core';
import {
  createLightClient,
  createMemoryStore,
  createSnapshotClient,
  inspectProof,
  type LightClient,
  solidityPolicy,
} from '@interchain-attestation/light-client';
import fc from 'fast-check';
import { attestors, entry, rawPath, sign, stateProof, word, ZERO_WORD } from './support.ts';

const policy = solidityPolicy;
const everybody = attestors(8);
const set = everybody.slice(0, 5);
const addresses = set.map(({ address }) => address);
const height = fc.bigInt({ min: 1n, max: 6n });
const time = fc.bigInt({ min: 1n, max: 3n });
const NAMES = ['a', 'b', 'c'];
const COMMITMENTS = [ZERO_WORD, word('x'), word('y')];

const newClient = (): LightClient => {
  const client = createLightClient({ policy, store: createMemoryStore() });
  client.initialize({ attestors: addresses, minRequiredSigs: 3, height: 3n, timestampSec: 2n });
  return client;
};

describe('whatever a quorum signs', () => {
  test('a timestamp is written once, the latest height is the highest, and a contradiction freezes for good', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(height, time), { maxLength: 12 }), (updates) => {
        const client = newClient();
        const known = new Map([[3n, 2n]]);
        let frozen = false;
        for (const [updateHeight, updateTime] of updates) {
          const verdict = client.updateClient(stateProof(updateHeight, updateTime, set.slice(0, 3)));
          assert.equal(verdict.ok, !frozen);
          const before = known.get(updateHeight);
          if (!frozen && before === undefined) known.set(updateHeight, updateTime);
          if (!frozen && before !== undefined && before !== updateTime) frozen = true;
          assert.equal(client.status(), frozen ? 'Frozen' : 'Active');
          for (const [h, t] of known) assert.equal(client.timestampAtHeight(h), t);
        }
        const highest = [...known.keys()].sort((a, b) => (a < b ? -1 : 1)).at(-1);
        assert.equal(client.latestHeight(), highest);
      }),
      { numRuns: 60 },
    );
  });
});

describe('whoever signs', () => {
  test('a proof is taken exactly when all signers are attestors, distinct, and enough', () => {
    const client = newClient();
    const data = encodePacketAttestation({ height: 3n, packets: [entry('a', word('a'))] });
    const all = sign('packet', data, everybody);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5 }), { maxLength: 7 }), (signers) => {
        const signatures = signers.map((i) => all[i] ?? new Uint8Array(0));
        const proof = encodeAttestationProof({ attestationData: data, signatures });
        const verdict = client.verifyMembership({ proof, height: 3n, path: [rawPath('a')], value: word('a') });
        const distinct = new Set(signers).size === signers.length;
        assert.equal(verdict.ok, distinct && signers.length >= 3 && signers.every((i) => i < 5));

        const inspected = inspectProof(policy, addresses, proof, 'packet');
        assert.deepEqual(
          inspected.signers,
          addresses.filter((_, i) => signers.includes(i)),
        );
        const clean = inspected.signatures.every((s) => s.ok && s.known && !s.duplicate);
        assert.equal(verdict.ok, clean && inspected.signers.length >= 3);
      }),
      { numRuns: 150 },
    );
  });
});

describe('whatever a list says', () => {
  const list = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...COMMITMENTS)), {
    minLength: 1,
    maxLength: 6,
  });

  test('memberships and absences follow from it, and empty proofs never say more than full ones', () => {
    fc.assert(
      fc.property(list, (entries) => {
        const client = createSnapshotClient({
          policy,
          clientState: { attestors: addresses, minRequiredSigs: 1, latestHeight: 3n, isFrozen: false },
          consensusStates: [[3n, 2n]],
        });
        const packets: PacketCompact[] = entries.map(([name, commitment]) => entry(name, commitment));
        const attestationData = encodePacketAttestation({ height: 3n, packets });
        const proof = encodeAttestationProof({
          attestationData,
          signatures: sign('packet', attestationData, set.slice(0, 1)),
        });
        const transaction = client.beginTransaction();
        const [[firstName, firstCommitment] = ['', ZERO_WORD]] = entries;
        const first = { height: 3n, path: [rawPath(firstName)], value: firstCommitment };
        assert.ok(transaction.verifyMembership({ ...first, proof }).ok);

        for (const name of NAMES) {
          const listed = entries.filter(([n]) => n === name).map(([, commitment]) => commitment);
          for (const value of COMMITMENTS) {
            const call = { height: 3n, path: [rawPath(name)], value };
            const full = client.verifyMembership({ ...call, proof }).ok;
            assert.equal(full, listed.includes(value));
            assert.equal(transaction.verifyMembership({ ...call, proof: new Uint8Array(0) }).ok, full);
          }
          const call = { height: 3n, path: [rawPath(name)] };
          const full = client.verifyNonMembership({ ...call, proof }).ok;
          const empty = transaction.verifyNonMembership({ ...call, proof: new Uint8Array(0) }).ok;
          assert.equal(full, listed[0] === ZERO_WORD);
          assert.equal(empty, listed.length > 0 && listed.every((commitment) => commitment === ZERO_WORD));
          assert.ok(full || !empty);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('whatever bytes come', () => {
  test('the answer is a verdict, never an exception', () => {
    const client = newClient();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 70 }), (proof, value) => {
        for (const verdict of [
          client.updateClient(proof),
          client.misbehaviour(proof),
          client.verifyMembership({ proof, height: 3n, path: [value], value }),
          client.verifyNonMembership({ proof, height: 3n, path: [value] }),
        ]) {
          assert.equal(verdict.ok, false);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('a height that is no uint64 throws: that is the caller, not the proof', () => {
    const call = { proof: new Uint8Array(0), path: [], value: new Uint8Array(32) };
    assert.throws(() => newClient().verifyMembership({ ...call, height: 2n ** 64n }), { code: 'number/out-of-range' });
    assert.throws(() => newClient().timestampAtHeight(-1n), { code: 'number/out-of-range' });
  });
});

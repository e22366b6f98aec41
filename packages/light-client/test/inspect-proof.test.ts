import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeAttestationProof, encodeStateAttestation } from '@interchain-attestation/core';
import { inspectProof, solidityPolicy } from '@interchain-attestation/light-client';
import { attestors, entry, packetProof, sign, word } from './support.ts';

const [first, second, stranger] = attestors(3) as [never, never, never];
const people = attestors(3);
const addresses = people.slice(0, 2).map(({ address }) => address);

describe('inspecting a proof', () => {
  test('tells what is stated and looks at every signature', () => {
    const attestationData = encodeStateAttestation({ height: 5n, timestampSec: 6n });
    const good = sign('state', attestationData, [second, stranger, second, first]);
    const proof = encodeAttestationProof({ attestationData, signatures: [...good, new Uint8Array(64)] });
    const { statement, signatures, signers } = inspectProof(solidityPolicy, addresses, proof);
    assert.deepEqual(statement, { kind: 'state', height: 5n, timestampSec: 6n });
    const [a, b, c] = people.map(({ address }) => address);
    assert.deepEqual(signatures, [
      { ok: true, signer: b, known: true, duplicate: false },
      { ok: true, signer: c, known: false, duplicate: false },
      { ok: true, signer: b, known: true, duplicate: true },
      { ok: true, signer: a, known: true, duplicate: false },
      { ok: false, fault: 'length' },
    ]);
    assert.deepEqual(signers, addresses);
  });

  test('takes longer data for packets', () => {
    const packets = [entry('a', word('a'))];
    const { statement } = inspectProof(solidityPolicy, addresses, packetProof(5n, packets, [first]));
    assert.deepEqual(statement, { kind: 'packet', height: 5n, packets });
  });

  test('throws for what is no proof', () => {
    assert.throws(() => inspectProof(solidityPolicy, addresses, new Uint8Array(31)), { code: 'abi/truncated' });
  });
});

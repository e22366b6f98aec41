import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { concatBytes, hexToBytes } from '@interchain-attestation/core';
import { encodeProtobufProof, readProtobufProof } from '@interchain-attestation/light-client';
import { attestations } from '@interchain-attestation/proto';
import fc from 'fast-check';
import { ProtobufReader } from '../src/protobuf-reader.ts';

const { AttestationProofSchema } = attestations;
const someBytes = fc.uint8Array({ maxLength: 300 });
const proofs = fc.record({ attestationData: someBytes, signatures: fc.array(someBytes, { maxLength: 5 }) });

describe('a protobuf proof', () => {
  test('is written as protobuf-es writes it, and read back', () => {
    fc.assert(
      fc.property(proofs, (proof) => {
        const encoded = encodeProtobufProof(proof);
        assert.deepEqual(encoded, toBinary(AttestationProofSchema, create(AttestationProofSchema, proof)));
        const { attestationData, signatures } = readProtobufProof(encoded);
        assert.deepEqual(attestationData, proof.attestationData);
        assert.deepEqual(signatures, proof.signatures);
      }),
    );
  });

  test('is never read otherwise than protobuf-es reads it, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let ours: ReturnType<typeof readProtobufProof>;
        try {
          ours = readProtobufProof(bytes);
        } catch {
          return;
        }
        // protobuf-es is the stricter one about groups and numbers, so it may refuse; it may not disagree.
        let theirs: { attestationData: Uint8Array; signatures: Uint8Array[] };
        try {
          theirs = fromBinary(AttestationProofSchema, bytes);
        } catch {
          return;
        }
        assert.deepEqual(ours.signatures.map(String), theirs.signatures.map(String));
        assert.equal(String(ours.attestationData), String(theirs.attestationData));
      }),
      { numRuns: 2_000 },
    );
  });

  test('is not copied', () => {
    const encoded = encodeProtobufProof({ attestationData: Uint8Array.of(1, 2), signatures: [Uint8Array.of(3)] });
    const { attestationData, signatures } = readProtobufProof(encoded);
    assert.equal(attestationData.buffer, encoded.buffer);
    assert.equal(signatures[0]?.buffer, encoded.buffer);
  });
});

describe('the protobuf reader', () => {
  const known = '0a0101'; // field 1, one byte
  const taken: Readonly<Record<string, string>> = {
    'nothing at all': '',
    'an unknown varint': '3001',
    'an unknown fixed64': `31${'00'.repeat(8)}`,
    'unknown bytes': '3202abcd',
    'an unknown fixed32': '3500000000',
    'a group with a group in it': '333b083c05013c34'.replace('05013c', '3c'),
    'a group that ends with another number': '333c',
    'a field number of 2^32 + 1, which is 1': '8a8080808001 0101'.replace(' ', ''),
    'a tag of ten bytes': '8a808080808080808000 0101'.replace(' ', ''),
    'a length of ten bytes': '0a81808080808080808000 01'.replace(' ', ''),
    'a field twice': '0a02aabb0a0101',
  };
  for (const [name, hex] of Object.entries(taken)) {
    test(`takes ${name}`, () => {
      readProtobufProof(concatBytes(hexToBytes(hex), hexToBytes(known)));
    });
  }

  const refused: Readonly<Record<string, string>> = {
    'a cut tag': '8a',
    'a cut length': '0a',
    'a cut value': '0a02aa',
    'an eleven byte tag': `${'80'.repeat(10)}01`,
    'field number zero': '0201aa',
    'a negative field number': 'faffffff7f01aa',
    'another wire type for the data': '0801',
    'another wire type for a signature': `11${'00'.repeat(8)}`,
    'a group for the data': '0b0c',
    'wire type 6': '3600',
    'wire type 7': '3700',
    'the end of no group': '34',
    'a group without end': '333001',
    'a cut fixed64': '3100000000',
    'a cut fixed32': '350000',
    'an unknown length past the end': '3205aa',
    'a length of 2^63': '0a80808080808080808001',
    'a length of 2^64 - 1': '0affffffffffffffffff01',
    'an unknown length of 2^64 - 1': '32ffffffffffffffffff01',
  };
  for (const [name, hex] of Object.entries(refused)) {
    test(`refuses ${name}`, () => {
      assert.throws(() => readProtobufProof(hexToBytes(hex)), { code: 'light-client/protobuf-malformed' });
    });
  }

  test('keeps the low bits of numbers', () => {
    const read = (hex: string): ProtobufReader => {
      const reader = new ProtobufReader(hexToBytes(hex));
      reader.next();
      return reader;
    };
    assert.equal(read('08ffffffffffffffffff01').uint64(), 2n ** 64n - 1n);
    assert.equal(read('08ffffffffffffffffff7f').uint64(), 2n ** 64n - 1n);
    assert.equal(read('08ffffffffffffffffff01').uint32(), 2 ** 32 - 1);
    assert.equal(read('088080808010').uint32(), 0);
    assert.equal(read('088080808010').uint64(), 2n ** 32n);
    assert.equal(read('088080808010').bool(), true);
    assert.equal(read('0800').bool(), false);
    assert.throws(() => read('0a00').uint64(), { code: 'light-client/protobuf-malformed' });
  });
});

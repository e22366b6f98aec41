import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bytesToHex,
  CoreError,
  decodeAttestationProof,
  decodePacket,
  decodePacketAttestation,
  decodeStateAttestation,
  encodeAttestationProof,
  encodePacket,
  encodePacketAttestation,
  encodeStateAttestation,
  isAttestationError,
  packetCompactAt,
  readAttestationProof,
  readStateAttestation,
  viewPacketAttestation,
} from '@interchain-attestation/core';
import fc from 'fast-check';
import { attestationProof, damaged, packet, packetAttestation, stateAttestation } from './arbitraries.ts';
import { viemPacket, viemPackets, viemProof, viemState } from './viem-codec.ts';

interface Codec<T> {
  readonly name: string;
  readonly value: fc.Arbitrary<T>;
  encode(value: T): Uint8Array;
  decode(data: Uint8Array): T;
  /** The same encoder by viem. */
  reference(value: T): Uint8Array;
}

const codec = <T>(whole: Codec<T>): Codec<unknown> => whole as unknown as Codec<unknown>;

const CODECS = [
  codec({
    name: 'StateAttestation',
    value: stateAttestation,
    encode: encodeStateAttestation,
    decode: decodeStateAttestation,
    reference: viemState,
  }),
  codec({
    name: 'PacketAttestation',
    value: packetAttestation,
    encode: encodePacketAttestation,
    decode: decodePacketAttestation,
    reference: viemPackets,
  }),
  codec({
    name: 'AttestationProof',
    value: attestationProof,
    encode: encodeAttestationProof,
    decode: decodeAttestationProof,
    reference: viemProof,
  }),
  codec({ name: 'Packet', value: packet, encode: encodePacket, decode: decodePacket, reference: viemPacket }),
];

for (const { name, value, encode, decode, reference } of CODECS) {
  describe(name, () => {
    test('encodes as viem does, and decodes what viem encodes', () => {
      fc.assert(
        fc.property(value, (v) => {
          const encoded = encode(v);
          assert.deepEqual(encoded, reference(v));
          assert.deepEqual(decode(encoded), v);
        }),
      );
    });

    test('refuses every damaged encoding, or decodes it to the value that it is the encoding of', () => {
      const damage = value.chain((v) => damaged(encode(v)));
      fc.assert(
        fc.property(damage, (data) => {
          let decoded: unknown;
          try {
            decoded = decode(data);
          } catch (error) {
            assert.ok(error instanceof CoreError, String(error));
            assert.match(error.code, /^abi\//);
            return;
          }
          assert.equal(bytesToHex(encode(decoded)), bytesToHex(data));
        }),
        { numRuns: 500 },
      );
    });

    test('works on a view into a larger buffer', () => {
      fc.assert(
        fc.property(value, fc.integer({ min: 1, max: 40 }), (v, offset) => {
          const encoded = encode(v);
          const buffer = new Uint8Array(encoded.length + 2 * offset).fill(0xff);
          buffer.set(encoded, offset);
          assert.deepEqual(decode(buffer.subarray(offset, offset + encoded.length)), v);
        }),
        { numRuns: 50 },
      );
    });
  });
}

describe('lenient readers, which take what Solidity takes', () => {
  test('call a damaged encoding canonical only when it is', () => {
    fc.assert(
      fc.property(
        attestationProof.chain((v) => damaged(encodeAttestationProof(v))),
        (data) => {
          try {
            const { canonical, ...value } = readAttestationProof(data);
            // What overlapping tails say can be far larger than the data: then it is not canonical, and not compared.
            const size = value.signatures.reduce((sum, s) => sum + s.length, value.attestationData.length);
            const same = size <= data.length && bytesToHex(encodeAttestationProof(value)) === bytesToHex(data);
            assert.equal(canonical, same);
          } catch (error) {
            assert.ok(isAttestationError(error), String(error));
          }
        },
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(
        packetAttestation.chain((v) => damaged(encodePacketAttestation(v))),
        (data) => {
          try {
            const view = viewPacketAttestation(data);
            const packets = Array.from({ length: view.count }, (_, i) => packetCompactAt(view, i));
            const encoded = encodePacketAttestation({ height: view.height, packets });
            assert.equal(view.canonical, bytesToHex(encoded) === bytesToHex(data));
          } catch (error) {
            assert.ok(isAttestationError(error), String(error));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('take trailing bytes after a state attestation, and say so', () => {
    const data = encodeStateAttestation({ height: 5n, timestampSec: 6n });
    const longer = Uint8Array.from([...data, 0]);
    assert.deepEqual(readStateAttestation(longer), { height: 5n, timestampSec: 6n, canonical: false });
    assert.throws(() => decodeStateAttestation(longer), { code: 'abi/non-canonical' });
  });
});

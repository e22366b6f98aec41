import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  concatBytes,
  decodeAttestationProof,
  decodePacket,
  decodePacketAttestation,
  decodeStateAttestation,
  encodeAttestationProof,
  encodePacket,
  encodePacketAttestation,
  encodeStateAttestation,
  readAttestationProof,
  viewPacketAttestation,
} from '@interchain-attestation/core';

const word = (value: bigint | number): Uint8Array => {
  const out = new Uint8Array(32);
  for (let i = 31, rest = BigInt(value); i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return out;
};
const words = (...values: (bigint | number)[]): Uint8Array => concatBytes(...values.map(word));
const replaced = (data: Uint8Array, wordIndex: number, value: bigint | number): Uint8Array => {
  const out = data.slice();
  out.set(word(value), 32 * wordIndex);
  return out;
};

const HUGE = [2n ** 32n, 2n ** 53n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 255n, 2n ** 256n - 32n, 2n ** 256n - 1n];
const state = encodeStateAttestation({ height: 1n, timestampSec: 2n });
const packets = encodePacketAttestation({
  height: 7n,
  packets: [{ path: word(1), commitment: word(2) }],
});
const proof = encodeAttestationProof({ attestationData: state, signatures: [new Uint8Array(65), new Uint8Array(65)] });
const packet = encodePacket({
  sequence: 1n,
  sourceClient: 'client-0',
  destClient: 'client-1',
  timeoutTimestampSec: 9n,
  payloads: [{ sourcePort: 'a', destPort: 'b', version: 'c', encoding: 'd', value: Uint8Array.of(1) }],
});

const decoders = {
  state: decodeStateAttestation,
  packets: decodePacketAttestation,
  proof: decodeAttestationProof,
  packet: decodePacket,
};

const CASES: readonly (readonly [name: string, kind: keyof typeof decoders, data: Uint8Array, code: string])[] = [
  ['no bytes', 'state', new Uint8Array(0), 'abi/truncated'],
  ['one byte short', 'state', state.subarray(0, 63), 'abi/truncated'],
  ['a trailing byte', 'state', concatBytes(state, word(0)), 'abi/non-canonical'],
  ['a height with 65 bits', 'state', replaced(state, 0, 2n ** 64n), 'abi/dirty-bits'],
  ['a timestamp with the top bit', 'state', replaced(state, 1, 2n ** 255n + 2n), 'abi/dirty-bits'],

  ['no bytes', 'packets', new Uint8Array(0), 'abi/truncated'],
  ['31 bytes', 'packets', packets.subarray(0, 31), 'abi/truncated'],
  ['the first word alone', 'packets', packets.subarray(0, 32), 'abi/offset-out-of-range'],
  ['one byte short', 'packets', packets.subarray(0, packets.length - 1), 'abi/length-out-of-range'],
  ['a trailing byte', 'packets', concatBytes(packets, Uint8Array.of(0)), 'abi/non-canonical'],
  ['a trailing word', 'packets', concatBytes(packets, word(0)), 'abi/non-canonical'],
  ['a height with 65 bits', 'packets', replaced(packets, 1, 2n ** 64n), 'abi/dirty-bits'],
  ['one entry too many', 'packets', replaced(packets, 3, 2), 'abi/length-out-of-range'],
  ['one entry too few', 'packets', replaced(packets, 3, 0), 'abi/non-canonical'],
  ['an offset of the struct past the end', 'packets', replaced(packets, 0, packets.length), 'abi/offset-out-of-range'],
  ['an offset of the struct to itself', 'packets', words(0, 0, 0), 'abi/non-canonical'],
  ['an offset of the list into the height', 'packets', words(32, 0, 0), 'abi/non-canonical'],
  ...HUGE.flatMap((value) =>
    [0, 2, 3].map(
      (at) =>
        [
          `word ${at} = ${value}`,
          'packets',
          replaced(packets, at, value),
          at === 3 ? 'abi/length-out-of-range' : 'abi/offset-out-of-range',
        ] as const,
    ),
  ),

  ['no bytes', 'proof', new Uint8Array(0), 'abi/truncated'],
  ['one word short', 'proof', proof.subarray(0, proof.length - 32), 'abi/length-out-of-range'],
  ['the last padding missing', 'proof', proof.subarray(0, proof.length - 31), 'abi/non-canonical'],
  ['a trailing word', 'proof', concatBytes(proof, word(0)), 'abi/non-canonical'],
  ['dirty padding', 'proof', proof.map((byte, i) => (i === proof.length - 1 ? 1 : byte)), 'abi/non-canonical'],
  ['two signatures in one place', 'proof', replaced(proof, 8, 64), 'abi/non-canonical'],
  ...HUGE.flatMap((value) =>
    [0, 1, 2, 3, 6, 7, 8, 9].map(
      (at) =>
        [
          `word ${at} = ${value}`,
          'proof',
          replaced(proof, at, value),
          [3, 6, 9].includes(at) ? 'abi/length-out-of-range' : 'abi/offset-out-of-range',
        ] as const,
    ),
  ),

  ['no bytes', 'packet', new Uint8Array(0), 'abi/truncated'],
  ['one byte short', 'packet', packet.subarray(0, packet.length - 1), 'abi/non-canonical'],
  ['a trailing word', 'packet', concatBytes(packet, word(0)), 'abi/non-canonical'],
  ['a sequence with 65 bits', 'packet', replaced(packet, 1, 2n ** 64n), 'abi/dirty-bits'],
  ['a timeout with 65 bits', 'packet', replaced(packet, 4, 2n ** 64n), 'abi/dirty-bits'],
  ['both clients in one place', 'packet', replaced(packet, 3, 160), 'abi/non-canonical'],
  [
    'a client id that is not UTF-8',
    'packet',
    packet.map((byte, i) => (i === 32 * 7 ? 0xff : byte)),
    'abi/invalid-utf8',
  ],
  ...HUGE.flatMap((value) =>
    [0, 2, 3, 5].map(
      (at) => [`word ${at} = ${value}`, 'packet', replaced(packet, at, value), 'abi/offset-out-of-range'] as const,
    ),
  ),
];

describe('strict ABI decoders refuse', () => {
  for (const [name, kind, data, code] of CASES) {
    test(`${kind}: ${name}`, () => assert.throws(() => decoders[kind](data), { name: 'CoreError', code }));
  }
});

describe('lenient ABI readers', () => {
  test('take a list that overlaps the head, as Solidity does, and call it non-canonical', () => {
    // The list begins at the struct itself, so its length is the height, 0.
    const view = viewPacketAttestation(words(32, 0, 0));
    assert.deepEqual([view.height, view.count, view.canonical], [0n, 0, false]);
  });

  test('take many names for one signature without copying it', () => {
    const count = 1000;
    const tail = concatBytes(word(65), new Uint8Array(96));
    const heads = concatBytes(...Array.from({ length: count }, () => word(32 * count)));
    const data = concatBytes(words(32, 64, 96, 0, count), heads, tail);
    const { signatures, canonical } = readAttestationProof(data);
    assert.equal(signatures.length, count);
    assert.equal(canonical, false);
    assert.ok(signatures.every((signature) => signature.buffer === data.buffer));
    assert.throws(() => decodeAttestationProof(data), { code: 'abi/non-canonical' });
  });
});

import type { Packet, PacketAttestation, Payload, StateAttestation } from '@interchain-attestation/core';
import fc from 'fast-check';

/** Plain objects: fast-check would mix in some without a prototype, which no decoder returns. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

export const uint64: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
);
export const bytes32: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 32, maxLength: 32 });
export const text: fc.Arbitrary<string> = fc.string({ unit: 'grapheme', maxLength: 70 });
export const someBytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 100 });

export const stateAttestation: fc.Arbitrary<StateAttestation> = record({ height: uint64, timestampSec: uint64 });

export const packetAttestation: fc.Arbitrary<PacketAttestation> = record({
  height: uint64,
  packets: fc.array(record({ path: bytes32, commitment: bytes32 }), { maxLength: 8 }),
});

export const attestationProof: fc.Arbitrary<{ attestationData: Uint8Array; signatures: Uint8Array[] }> = record({
  attestationData: someBytes,
  signatures: fc.array(fc.oneof(fc.uint8Array({ minLength: 65, maxLength: 65 }), someBytes), { maxLength: 6 }),
});

export const payload: fc.Arbitrary<Payload> = record({
  sourcePort: text,
  destPort: text,
  version: text,
  encoding: text,
  value: someBytes,
});

export const packet: fc.Arbitrary<Packet> = record({
  sequence: uint64,
  sourceClient: text,
  destClient: text,
  timeoutTimestampSec: uint64,
  payloads: fc.array(payload, { maxLength: 3 }),
});

/** Bytes damaged in one place or in a few: cut, grown, a word replaced, bits turned. */
export const damaged = (whole: Uint8Array): fc.Arbitrary<Uint8Array> => {
  const at = fc.nat({ max: Math.max(0, whole.length - 1) });
  const number = fc.oneof(
    fc.bigInt({ min: 0n, max: BigInt(whole.length) + 64n }),
    fc.constantFrom(
      2n ** 32n,
      2n ** 53n,
      2n ** 63n,
      2n ** 64n - 1n,
      2n ** 64n,
      2n ** 255n,
      2n ** 256n - 1n,
      2n ** 256n - 32n,
    ),
  );
  return fc.oneof(
    at.map((length) => whole.subarray(0, length)),
    fc.uint8Array({ minLength: 1, maxLength: 64 }).map((tail) => Uint8Array.from([...whole, ...tail])),
    fc
      .tuple(at, fc.integer({ min: 1, max: 255 }))
      .map(([i, mask]) => whole.map((byte, j) => (i === j ? byte ^ mask : byte))),
    fc.tuple(at, number).map(([i, value]) => {
      const out = whole.slice();
      for (let j = 0; j < 32; j++) out[(i & ~31) + 31 - j] = Number((value >> BigInt(8 * j)) & 0xffn);
      return out.subarray(0, whole.length);
    }),
  );
};

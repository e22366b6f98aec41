import { concatBytes } from '@interchain-attestation/core';
import type { Random } from './random.ts';

const toWord = (value: bigint): Uint8Array => {
  const out = new Uint8Array(32);
  for (let i = 31, rest = value; i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return out;
};

/** Numbers at which decoders have gone wrong before: word sizes, the input's own length, and powers of two. */
const interestingNumber = (random: Random, length: number): bigint => {
  const size = BigInt(length);
  const candidates = [
    ...[0n, 1n, 2n, 3n, 5n, 31n, 32n, 33n, 63n, 64n, 65n, 96n, 128n, 160n, 192n, 224n, 256n],
    ...[-96n, -65n, -64n, -63n, -33n, -32n, -31n, -1n, 0n, 1n, 32n].map((d) => (size + d < 0n ? 0n : size + d)),
    ...[1n << 31n, 1n << 32n, 1n << 63n, (1n << 64n) - 1n, 1n << 64n, (1n << 64n) + 32n, 1n << 255n],
    ...[1n, 31n, 32n, 64n].map((d) => (1n << 256n) - d),
  ];
  return random.pick(candidates);
};

/** Damages encoded bytes in one way or a few: most decoders must notice, some changes are without effect. */
export const mutateBytes = (random: Random, bytes: Uint8Array): Uint8Array => {
  const out = bytes.slice();
  const words = Math.max(1, Math.floor(out.length / 32));
  // The first words hold offsets and lengths: they are where damage is interesting.
  const wordAt = (): number => 32 * (random.chance(0.7) ? random.int(Math.min(words, 12)) : random.int(words));
  switch (random.int(7)) {
    case 0:
      return out.subarray(0, random.int(out.length + 1));
    case 1:
      return out.subarray(0, Math.max(0, out.length - 1 - random.int(40)));
    case 2:
      return concatBytes(
        out,
        random.chance(0.5) ? new Uint8Array(1 + random.int(64)) : random.bytes(1 + random.int(64)),
      );
    case 3: {
      const at = wordAt();
      if (at + 32 <= out.length) out.set(toWord(interestingNumber(random, out.length)), at);
      return out;
    }
    case 4: {
      const at = wordAt() + random.int(32);
      if (at < out.length) out[at] = (out[at] ?? 0) ^ (1 << random.int(8));
      return out;
    }
    case 5: {
      const [a, b] = [wordAt(), wordAt()];
      if (Math.max(a, b) + 32 > out.length) return out;
      const kept = out.slice(a, a + 32);
      out.copyWithin(a, b, b + 32);
      out.set(kept, b);
      return out;
    }
    default: {
      const at = wordAt();
      // A byte in the upper part of a word: dirty bits.
      if (at < out.length) out[at + random.int(24)] = 1 + random.int(255);
      return out;
    }
  }
};

/** Words with an offset each, and the tails that they point to. */
interface Layout {
  readonly head: readonly (Uint8Array | { readonly tail: Uint8Array })[];
}

/**
 * Encodes a head with tails as no encoder would, but so that `abi.decode` reads the same values: tails in any order,
 * with gaps, shared where they are equal, padding left dirty or (for the last one) out.
 */
const encodeLoosely = (random: Random, { head }: Layout): Uint8Array => {
  const offsets = new Map<number, number>();
  const chunks: Uint8Array[] = [];
  let at = 32 * head.length;
  for (const i of random.shuffle(head.map((_, index) => index))) {
    const part = head[i];
    if (part === undefined || part instanceof Uint8Array) continue;
    const gap = random.chance(0.3) ? random.bytes(random.int(70)) : new Uint8Array(0);
    chunks.push(gap);
    at += gap.length;
    offsets.set(i, at);
    chunks.push(part.tail);
    at += part.tail.length;
  }
  const heads = head.map((part, i) => (part instanceof Uint8Array ? part : toWord(BigInt(offsets.get(i) ?? 0))));
  return concatBytes(...heads, ...chunks);
};

const looseBytes = (random: Random, bytes: Uint8Array): Uint8Array => {
  const missing = (32 - (bytes.length % 32)) % 32;
  const padding = random.chance(0.5)
    ? new Uint8Array(missing)
    : random.bytes(random.chance(0.7) ? missing : random.int(40));
  return concatBytes(toWord(BigInt(bytes.length)), bytes, padding);
};

/** A proof envelope that decodes to the same value as the canonical one, spelled otherwise. */
export const encodeEnvelopeLoosely = (
  random: Random,
  attestationData: Uint8Array,
  signatures: readonly Uint8Array[],
): Uint8Array => {
  const array = encodeLoosely(random, { head: signatures.map((s) => ({ tail: looseBytes(random, s) })) });
  const list = concatBytes(toWord(BigInt(signatures.length)), array);
  const struct = encodeLoosely(random, { head: [{ tail: looseBytes(random, attestationData) }, { tail: list }] });
  return encodeLoosely(random, { head: [{ tail: struct }] });
};

/** A packet attestation that decodes to the same value as the canonical one, spelled otherwise. */
export const encodePacketsLoosely = (random: Random, height: bigint, entries: readonly Uint8Array[]): Uint8Array => {
  const list = concatBytes(toWord(BigInt(entries.length)), ...entries);
  const struct = encodeLoosely(random, { head: [toWord(height), { tail: list }] });
  return encodeLoosely(random, { head: [{ tail: struct }] });
};

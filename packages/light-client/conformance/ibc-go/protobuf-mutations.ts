import { concatBytes } from '@interchain-attestation/core';
import type { Random } from '../generate/random.ts';

/** A length-delimited field of a message. */
export interface BytesField {
  readonly field: number;
  readonly value: Uint8Array;
}

/** A varint; with `length`, spelled in so many bytes though fewer would do. */
const varint = (value: bigint, length = 1): Uint8Array => {
  const out: number[] = [];
  for (let rest = value; out.length < length || rest > 0n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  const last = out.length - 1;
  out[last] = (out[last] ?? 0) & 0x7f;
  return Uint8Array.from(out);
};

const tag = (field: number, wireType: number): bigint => (BigInt(field) << 3n) | BigInt(wireType);

/** The canonical encoding: fields in their order, shortest numbers. */
export const encodeFields = (fields: readonly BytesField[]): Uint8Array =>
  concatBytes(...fields.flatMap(({ field, value }) => [varint(tag(field, 2)), varint(BigInt(value.length)), value]));

const UNKNOWN = [7, 15, 16, 100, 2047, 2048, 0x1fff_ffff, 0x7fff_ffff];

/** A field that no message of ours has, in any wire type. */
const unknownField = (random: Random, depth = 0): Uint8Array => {
  const field = random.pick(UNKNOWN);
  const wireType = random.pick([0, 1, 2, 3, 5]);
  const head = varint(tag(field, wireType), random.pick([1, 1, 1, 5, 10]));
  switch (wireType) {
    case 0:
      return concatBytes(head, varint(random.pick([0n, 1n, 300n, (1n << 64n) - 1n]), random.pick([1, 10])));
    case 1:
      return concatBytes(head, random.bytes(8));
    case 2: {
      const value = random.bytes(random.int(20));
      return concatBytes(head, varint(BigInt(value.length), random.pick([1, 3, 10])), value);
    }
    case 3: {
      // Inside of a group any number passes, zero included, and the end need not repeat the number of the start.
      const inner = Array.from({ length: depth > 2 ? 0 : random.int(3) }, () => unknownField(random, depth + 1));
      const end = varint(tag(random.chance(0.7) ? field : random.int(3), 4));
      return concatBytes(head, ...inner, ...(random.chance(0.2) ? [Uint8Array.of(0, 5)] : []), end);
    }
    default:
      return concatBytes(head, random.bytes(4));
  }
};

/** Another spelling of the same message, as lax decoders take it. */
export const encodeFieldsLoosely = (random: Random, fields: readonly BytesField[]): Uint8Array => {
  const ordered = random.chance(0.3) ? random.shuffle(fields) : fields;
  const overlong = random.chance(0.4);
  const aliased = random.chance(0.15);
  const parts: Uint8Array[] = ordered.map(({ field, value }) =>
    concatBytes(
      // A field number keeps its low 32 bits only.
      varint(tag(field, 2) | (aliased ? 1n << 35n : 0n), overlong ? 1 + random.int(10) : 1),
      varint(BigInt(value.length), overlong ? 1 + random.int(10) : 1),
      value,
    ),
  );
  const first = fields[0];
  // Of a field that is not repeated the last one counts.
  if (first !== undefined && random.chance(0.2)) {
    parts.unshift(encodeFields([{ field: first.field, value: random.bytes(random.int(70)) }]));
  }
  for (let i = random.int(4); i > 0; i--) parts.splice(random.int(parts.length + 1), 0, unknownField(random));
  return concatBytes(...parts);
};

const LENGTHS = [
  1n << 31n,
  (1n << 31n) - 1n,
  1n << 32n,
  (1n << 32n) + 1n,
  1n << 62n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

/** Bytes that a decoder should stumble over. Some of them are all right after all. */
const stumblingBlock = (random: Random): Uint8Array => {
  const field = random.pick([1, 2, 3, 9]);
  switch (random.int(11)) {
    case 0: // another wire type than the field's
      return concatBytes(varint(tag(field, random.pick([0, 1, 5]))), random.bytes(random.int(12)));
    case 1: // wire types that do not exist
      return concatBytes(varint(tag(field, random.pick([6, 7]))), random.bytes(random.int(12)));
    case 2: // field number zero, or below
      return concatBytes(
        varint(random.pick([tag(0, 2), tag(0, 0), 0xffff_fffan, 0x4_0000_0002n, 1n << 34n]), random.pick([1, 5])),
        Uint8Array.of(0),
      );
    case 3: // a length past the end
      return concatBytes(varint(tag(field, 2)), varint(random.pick([100n, 20_000n, ...LENGTHS])), random.bytes(5));
    case 4: // a number of eleven bytes, or of ten with too many bits
      return concatBytes(
        random.chance(0.5) ? varint(tag(field, 2)) : new Uint8Array(0),
        random.chance(0.5) ? new Uint8Array(10).fill(0x80) : new Uint8Array(9).fill(0xff),
        Uint8Array.of(random.pick([0, 1, 2, 3, 0x7e, 0x7f, 0x80])),
        random.bytes(3),
      );
    case 5: // a group without end, or an end without group
      return concatBytes(varint(tag(field, random.pick([3, 4]))), random.bytes(random.int(4)));
    case 6: // a group, where bytes belong
      return concatBytes(varint(tag(field, 3)), unknownField(random), varint(tag(field, 4)));
    case 7: // fixed numbers that end too early
      return concatBytes(varint(tag(random.pick([3, 9]), random.pick([1, 5]))), random.bytes(random.int(9)));
    case 8: // an unknown field with a length past the end
      return concatBytes(varint(tag(9, 2)), varint(random.pick(LENGTHS)), random.bytes(3));
    case 9:
      return new Uint8Array(1 + random.int(3));
    default:
      return random.bytes(1 + random.int(12));
  }
};

/** The message with something in it that should not be, or cut short. */
export const damageFields = (random: Random, fields: readonly BytesField[]): Uint8Array => {
  const parts = fields.map((field) => encodeFields([field]));
  const choice = random.int(6);
  if (choice === 0) {
    const whole = concatBytes(...parts);
    return whole.subarray(0, random.int(whole.length + 1));
  }
  if (choice === 1) {
    const whole = concatBytes(...parts);
    // Tags and lengths stand where a field begins: that is where a changed byte matters.
    const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part.length, 0));
    const at = (random.chance(0.8) ? random.pick([0, ...starts]) + random.int(3) : random.int(whole.length + 1)) || 0;
    if (at < whole.length) whole[at] = random.int(256);
    return whole;
  }
  parts.splice(random.chance(0.5) ? parts.length : random.int(parts.length + 1), 0, stumblingBlock(random));
  return concatBytes(...parts);
};

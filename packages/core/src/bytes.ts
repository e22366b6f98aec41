import { concatBytes, hexToBytes as nobleFromHex, bytesToHex as nobleToHex } from '@noble/hashes/utils.js';
import { CoreError } from './errors.ts';

/** 0x-prefixed hexadecimal string. */
export type Hex = `0x${string}`;

export const MAX_UINT64: bigint = 2n ** 64n - 1n;

/** Encodes bytes as lower-case 0x-prefixed hex. */
export const bytesToHex = (bytes: Uint8Array): Hex => `0x${nobleToHex(bytes)}`;

/**
 * Decodes hex, with or without 0x.
 * @throws CoreError `bytes/invalid-hex`
 */
export const hexToBytes = (hex: string): Uint8Array => {
  try {
    return nobleFromHex(hex.startsWith('0x') || hex.startsWith('0X') ? hex.slice(2) : hex);
  } catch (cause) {
    throw new CoreError('bytes/invalid-hex', `not an even-length hex string: ${hex.slice(0, 80)}`, { cause });
  }
};

/** True when both arrays hold the same bytes. Not constant time: nothing compared here is secret. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** True when every byte is zero; also for an empty array. */
export const isZeroBytes = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/**
 * Checks the length of `bytes` and returns it.
 * @throws CoreError `bytes/invalid-length`
 */
export const assertLength = (bytes: Uint8Array, length: number, what: string): Uint8Array => {
  if (bytes.length !== length) {
    throw new CoreError('bytes/invalid-length', `${what}: expected ${length} bytes, got ${bytes.length}`, {
      meta: { what, expected: length, got: bytes.length },
    });
  }
  return bytes;
};

/**
 * Checks that `value` fits an unsigned 64-bit integer and returns it.
 * @throws CoreError `number/out-of-range`
 */
export const assertUint64 = (value: bigint, what: string): bigint => {
  if (value < 0n || value > MAX_UINT64) {
    throw new CoreError('number/out-of-range', `${what}: expected 0..2^64-1, got ${value}`, {
      meta: { what, got: value },
    });
  }
  return value;
};

/**
 * Encodes an unsigned 64-bit integer as 8 bytes, big-endian.
 * @throws CoreError `number/out-of-range`
 */
export const encodeUint64 = (value: bigint): Uint8Array => {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, assertUint64(value, 'uint64'));
  return out;
};

const utf8Encoder = new TextEncoder();

// Ports, client ids and versions are short ASCII: for those a loop beats the call into the encoder.
const SHORT = 32;

/** UTF-8 bytes of a string. */
export const utf8ToBytes = (text: string): Uint8Array => {
  if (text.length > SHORT) return utf8Encoder.encode(text);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return utf8Encoder.encode(text);
    out[i] = code;
  }
  return out;
};

export { concatBytes };

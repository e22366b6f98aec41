import {
  type Address,
  type AttestationKind,
  concatBytes,
  privateKeyToAddress,
  sha256,
  signDigest,
  signingDigest,
  utf8ToBytes,
} from '@interchain-attestation/core';
import type { Random } from './random.ts';

export interface Key {
  readonly privateKey: Uint8Array;
  readonly address: Address;
}

const keys = new Map<number, Key>();

/** Key number `index`, the same in every run. */
export const keyAt = (index: number): Key => {
  const known = keys.get(index);
  if (known !== undefined) return known;
  const privateKey = sha256(utf8ToBytes(`conformance key ${index}`));
  const key = { privateKey, address: privateKeyToAddress(privateKey) };
  keys.set(index, key);
  return key;
};

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FIELD = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;

const toBigInt = (bytes: Uint8Array): bigint => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

const write = (signature: Uint8Array, at: number, value: bigint): void => {
  for (let i = 31, rest = value; i >= 0; i--, rest >>= 8n) signature[at + i] = Number(rest & 0xffn);
};

/** Spoils a good signature in one of the ways that verifiers must agree about. */
const spoil = (random: Random, good: Uint8Array): Uint8Array => {
  const out = good.slice();
  const v = out[64] ?? 27;
  switch (random.int(9)) {
    case 0: // v, in every spelling that some verifier takes
      out[64] = random.pick([0, 1, 2, 3, 4, 26, 27, 28, 29, 30, 31, 35, 36, 255, v - 27]);
      return out;
    case 1: // high s: the twin that signs the same
      write(out, 32, ORDER - toBigInt(out.subarray(32, 64)));
      out[64] = random.chance(0.7) ? 55 - v : v;
      return out;
    case 2: // high s and a bad v at once: which is reported first
      write(out, 32, ORDER - toBigInt(out.subarray(32, 64)));
      out[64] = random.int(256);
      return out;
    case 3:
      write(
        out,
        0,
        random.pick([0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, FIELD - 1n, FIELD, FIELD + 1n, (1n << 256n) - 1n]),
      );
      return out;
    case 4:
      write(out, 32, random.pick([0n, 1n, ORDER >> 1n, (ORDER >> 1n) + 1n, ORDER - 1n, ORDER, (1n << 256n) - 1n]));
      return out;
    case 5: // length
      return random.pick([
        new Uint8Array(0),
        out.subarray(0, 64),
        out.subarray(0, 1),
        out.subarray(0, 32),
        concatBytes(out, Uint8Array.of(0)),
        concatBytes(out, out),
      ]);
    case 6: // any bit
      out[random.int(65)] = random.int(256);
      return out;
    case 7:
      return random.bytes(65);
    default:
      return new Uint8Array(65);
  }
};

/** The set and quorum that signatures are made for. */
export interface Quorum {
  readonly keys: readonly Key[];
  readonly minRequiredSigs: number;
}

/** Exactly as many good signatures as the quorum asks for, in any order. */
export const signWithQuorum = (
  random: Random,
  kind: AttestationKind,
  data: Uint8Array,
  quorum: Quorum,
): Uint8Array[] => {
  const digest = signingDigest(kind, data);
  const signers = random.shuffle(quorum.keys).slice(0, quorum.minRequiredSigs);
  return signers.map(({ privateKey }) => signDigest(digest, privateKey));
};

/** Signatures that a client should, more often than not, find something wrong with. */
export const signBadly = (random: Random, kind: AttestationKind, data: Uint8Array, quorum: Quorum): Uint8Array[] => {
  const good = signWithQuorum(random, kind, data, quorum);
  const spoilt = [...good];
  const at = random.int(good.length);
  const digest = signingDigest(kind, data);
  const otherKind = kind === 'state' ? 'packet' : 'state';
  const key = random.pick(quorum.keys);
  switch (random.int(9)) {
    case 0:
      return [];
    case 1:
      return good.slice(0, random.int(good.length));
    case 2: // one more, of an attestor who may have signed already
      return random.shuffle([...good, signDigest(digest, key.privateKey)]);
    case 3: // everybody
      return quorum.keys.map(({ privateKey }) => signDigest(digest, privateKey));
    case 4: // the same bytes twice
      return random.shuffle([...good, random.pick(good)]);
    case 5: // a stranger, in place of an attestor or on top
      spoilt.splice(at, random.int(2), signDigest(digest, keyAt(1000 + random.int(5)).privateKey));
      return spoilt;
    case 6: // a statement of the other kind
      spoilt[at] = signDigest(signingDigest(otherKind, data), key.privateKey);
      return spoilt;
    default:
      spoilt[at] = spoil(random, good[at] ?? new Uint8Array(65));
      return random.chance(0.3) ? random.shuffle([...spoilt, random.pick(good)]) : spoilt;
  }
};

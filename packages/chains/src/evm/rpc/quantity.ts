import { type Hex, hexToBytes } from '@interchain-attestation/core';
import { ChainError } from '../../errors.ts';

/** Heights above this are refused by nodes as unparsable; no chain has such a block. */
export const MAX_HEIGHT: bigint = 2n ** 63n - 1n;

/** JSON-RPC quantity: 0x hex without leading zeros. */
export const toQuantity = (value: bigint): Hex => `0x${value.toString(16)}`;

const QUANTITY = /^0x[0-9a-fA-F]{1,64}$/;
const HASH = /^0x[0-9a-fA-F]{64}$/;

/** @throws ChainError `chain/unavailable`: the node does not speak the protocol. */
export const malformed = (what: string): ChainError =>
  new ChainError('chain/unavailable', `RPC answered with a malformed ${what}`, {
    meta: { kind: 'malformed', what },
    retryable: true,
  });

/** Parses a quantity of a node. @throws ChainError `chain/unavailable` */
export const parseQuantity = (value: unknown, what: string): bigint => {
  if (typeof value !== 'string' || !QUANTITY.test(value)) throw malformed(what);
  return BigInt(value);
};

/** Parses 32 bytes of hex of a node, lower-cased. @throws ChainError `chain/unavailable` */
export const parseHash = (value: unknown, what: string): Hex => {
  if (typeof value !== 'string' || !HASH.test(value)) throw malformed(what);
  return value.toLowerCase() as Hex;
};

/** Parses hex data of a node. @throws ChainError `chain/unavailable` */
export const parseBytes = (value: unknown, what: string): Uint8Array => {
  if (typeof value !== 'string' || !value.startsWith('0x')) throw malformed(what);
  try {
    return hexToBytes(value);
  } catch {
    throw malformed(what);
  }
};

/** Checks a height that a caller gives. @throws ChainError `chain/invalid-input` */
export const assertHeight = (height: bigint): bigint => {
  if (height < 0n) throw new ChainError('chain/invalid-input', `height is negative: ${height}`, { meta: { height } });
  return height;
};

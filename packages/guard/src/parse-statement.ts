import { assertUint64, type Hex, isZeroBytes, utf8ToBytes } from '@interchain-attestation/core';
import { GuardError } from './errors.ts';
import type { GuardStatement, StatementBlock, StatementEntry } from './statement.ts';

/** Longest client id that is recorded; IBC allows 64 characters. */
const MAX_CLIENT_ID_BYTES = 128;
/** A statement is one transaction: larger ones would hold up every other. */
const MAX_ENTRIES = 10_000;
const HASH = /^0x[0-9a-f]{64}$/;

const invalid = (message: string): never => {
  throw new GuardError('guard/invalid-input', message);
};

/**
 * 32 bytes as lower-case hex: hashes are compared as text.
 * @throws GuardError `guard/invalid-input`
 */
export const parseHash = (hash: string, what: string): Hex => {
  if (HASH.test(hash)) return hash as Hex;
  const lower = hash.toLowerCase();
  return HASH.test(lower) ? (lower as Hex) : invalid(`${what}: expected 32 bytes in 0x hex, got ${hash.slice(0, 80)}`);
};

/** @throws GuardError `guard/invalid-input`, CoreError `number/out-of-range` */
export const parseBlock = (block: StatementBlock): StatementBlock => {
  if (assertUint64(block.height, 'height') === 0n) invalid('height 0 is never attested');
  if (assertUint64(block.timestampSec, 'timestamp') === 0n) invalid('timestamp 0 is never attested');
  return {
    height: block.height,
    hash: parseHash(block.hash, 'block hash'),
    parentHash: block.parentHash === undefined ? undefined : parseHash(block.parentHash, 'parent hash'),
    timestampSec: block.timestampSec,
  };
};

const checkEntry = ({ path, commitment, timeoutTimestampSec }: StatementEntry): void => {
  assertUint64(path.sequence, 'sequence');
  assertUint64(timeoutTimestampSec, 'timeout');
  if (path.kind !== 'packet' && path.kind !== 'receipt' && path.kind !== 'acknowledgement')
    invalid('unknown path kind');
  if (path.clientId === '') invalid('client id is empty');
  // Bytes are counted only where the text could be too long for them.
  if (path.clientId.length * 3 > MAX_CLIENT_ID_BYTES && utf8ToBytes(path.clientId).length > MAX_CLIENT_ID_BYTES) {
    invalid(`client id is longer than ${MAX_CLIENT_ID_BYTES} bytes`);
  }
  // A lone surrogate has no UTF-8: SQLite would store another name than the one compared.
  if (!path.clientId.isWellFormed() || path.clientId.includes('\0')) invalid('client id is not well-formed text');
  if (commitment === undefined) return;
  if (commitment.length !== 32) invalid(`commitment: expected 32 bytes, got ${commitment.length}`);
  if (isZeroBytes(commitment)) invalid('an all-zero commitment means absence: leave it out');
};

/**
 * Checks a statement before it may wait for the disk. Everything is copied: the caller may reuse its objects.
 * @throws GuardError `guard/invalid-input`, CoreError `number/out-of-range`
 */
export const parseStatement = (statement: GuardStatement): GuardStatement => {
  const block = parseBlock(statement.block);
  if (statement.kind === 'state') return { kind: 'state', block };
  const { entries } = statement;
  if (entries.length === 0) invalid('a packet statement without packets is never attested');
  if (entries.length > MAX_ENTRIES) invalid(`${entries.length} entries, limit ${MAX_ENTRIES}`);
  entries.forEach(checkEntry);
  const copies = entries.map((entry) => ({
    ...entry,
    path: { ...entry.path },
    commitment: entry.commitment === undefined ? undefined : Uint8Array.prototype.slice.call(entry.commitment),
  }));
  return { kind: 'packets', block, entries: copies };
};

import type { BlockHeader } from '../ports.ts';
import { malformed, parseHash, parseQuantity } from './rpc/quantity.ts';

/**
 * Reads the header out of a block as a node gives it; undefined for null (no such block).
 * @throws ChainError `chain/unavailable` when it is not a block
 */
export const parseBlockHeader = (block: unknown): BlockHeader | undefined => {
  if (block === null) return undefined;
  if (typeof block !== 'object') throw malformed('block');
  const { number, hash, parentHash, timestamp } = block as Record<string, unknown>;
  return {
    height: parseQuantity(number, 'block number'),
    hash: parseHash(hash, 'block hash'),
    parentHash: parseHash(parentHash, 'parent hash'),
    timestampSec: parseQuantity(timestamp, 'block timestamp'),
  };
};

import { ChainError } from '../errors.ts';
import type { BlockHeader } from '../ports.ts';
import type { Batcher } from '../rpc/batcher.ts';
import { toChainError } from '../rpc/response-error.ts';
import { parseBlockHeader } from './block-header.ts';
import { assertHeight, MAX_HEIGHT, toQuantity } from './rpc/quantity.ts';

export interface HeaderReader {
  byHeight(height: bigint): Promise<BlockHeader | undefined>;
  byTag(tag: 'latest' | 'safe' | 'finalized'): Promise<BlockHeader | undefined>;
}

/** Headers by number or tag; callers of one height share a call until it leaves with its batch. */
export const createHeaderReader = (reads: Batcher, origin: string): HeaderReader => {
  const waiting = new Map<string, Promise<BlockHeader | undefined>>();

  const read = (key: string): Promise<BlockHeader | undefined> => {
    const shared = waiting.get(key);
    if (shared !== undefined) return shared;
    const params = (): string => {
      // Whoever asks from now on gets an answer that is given after the question.
      waiting.delete(key);
      return `["${key}",false]`;
    };
    const header = reads.call('eth_getBlockByNumber', params).then(parseBlockHeader, (error: unknown) => {
      waiting.delete(key);
      throw error;
    });
    waiting.set(key, header);
    return header;
  };

  return {
    byTag: read,
    async byHeight(height) {
      if (assertHeight(height) > MAX_HEIGHT) return undefined;
      let header: BlockHeader | undefined;
      try {
        header = await read(toQuantity(height));
      } catch (error) {
        throw toChainError(error, origin);
      }
      if (header !== undefined && header.height !== height) {
        throw new ChainError('chain/unavailable', `asked for block ${height}, got block ${header.height}`, {
          meta: { origin, kind: 'malformed', expected: height, got: header.height },
          retryable: true,
        });
      }
      return header;
    },
  };
};

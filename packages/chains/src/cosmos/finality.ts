import { ChainError } from '../errors.ts';
import type { BlockHeader, Clock } from '../ports.ts';
import type { CosmosHeaderReader } from './headers.ts';

/** The newest block, which is final: CometBFT commits a block once and for all. */
export interface CosmosFinality {
  /** @param covering a remembered answer serves when it is at least this high */
  current(covering?: bigint): Promise<BlockHeader>;
  /** Asked after the call, whatever is remembered or under way. */
  newest(): Promise<BlockHeader>;
}

/**
 * Bounded by what the application has committed: a node reports a block while the application still works on it, and
 * its state cannot be read before that.
 */
export const createCosmosFinality = (options: {
  readonly chain: string;
  readonly headers: CosmosHeaderReader;
  readonly clock: Clock;
  readonly cacheMs: number;
}): CosmosFinality => {
  const { chain, headers, clock } = options;
  let cached: { readonly header: BlockHeader; readonly readAt: number } | undefined;
  let refreshing: Promise<BlockHeader> | undefined;

  const read = async (): Promise<BlockHeader> => {
    const readAt = clock.now();
    const height = await headers.committedHeight();
    const block = height === 0n ? undefined : await headers.at(height);
    if (block === undefined) {
      throw new ChainError('chain/height-not-final', `${chain} has no block yet`, { meta: { chain }, retryable: true });
    }
    cached = { header: block.header, readAt };
    return block.header;
  };

  return {
    newest: read,
    current(covering) {
      const fresh = cached !== undefined && clock.now() - cached.readAt < options.cacheMs;
      if (cached !== undefined && fresh && (covering === undefined || cached.header.height >= covering)) {
        return Promise.resolve(cached.header);
      }
      refreshing ??= read().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
  };
};

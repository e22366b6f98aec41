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
  let begun = 0;
  let cachedBy = 0;

  const read = async (): Promise<BlockHeader> => {
    const readAt = clock.now();
    const order = ++begun;
    const height = await headers.committedHeight();
    const block = height === 0n ? undefined : await headers.at(height);
    if (block === undefined) {
      throw new ChainError('chain/height-not-final', `${chain} has no block yet`, { meta: { chain }, retryable: true });
    }
    // One that began earlier and ends later knows less.
    if (order > cachedBy) {
      cached = { header: block.header, readAt };
      cachedBy = order;
    }
    return block.header;
  };

  const refresh = (): Promise<BlockHeader> => {
    refreshing ??= read().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };

  return {
    newest: read,
    async current(covering) {
      const fresh = cached !== undefined && clock.now() - cached.readAt < options.cacheMs;
      if (cached !== undefined && fresh && (covering === undefined || cached.header.height >= covering)) {
        return cached.header;
      }
      const joined = refreshing !== undefined;
      const header = await refresh();
      // What was under way may have been asked before the block was there; what is under way by now was not.
      return joined && covering !== undefined && header.height < covering ? refresh() : header;
    },
  };
};

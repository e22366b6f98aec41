import type { BlockHeader, Clock } from '../ports.ts';
import { toChainError } from '../rpc/response-error.ts';
import type { EvmFinality } from './config.ts';
import type { HeaderReader } from './headers.ts';
import { isNoTaggedBlock, notFinal } from './read-error.ts';

/** The highest final block, remembered for a moment and asked for once at a time. */
export interface FinalityTracker {
  current(covering?: bigint): Promise<BlockHeader>;
  /** A new head may have made another block final: what is remembered, or being read, serves nobody who asks later. */
  forget(): void;
}

export const createFinalityTracker = (options: {
  readonly chain: string;
  readonly origin: string;
  readonly finality: EvmFinality;
  readonly headers: HeaderReader;
  readonly clock: Clock;
  readonly cacheMs: number;
}): FinalityTracker => {
  const { chain, finality, headers, clock } = options;
  const rule = 'tag' in finality ? finality.tag : `offset ${finality.offset}`;
  let cached: { readonly header: BlockHeader; readonly readAt: number } | undefined;
  let refreshing: Promise<BlockHeader> | undefined;
  let epoch = 0;

  const tagged = async (tag: 'latest' | 'safe' | 'finalized'): Promise<BlockHeader> => {
    let header: BlockHeader | undefined;
    try {
      header = await headers.byTag(tag);
    } catch (error) {
      if (tag !== 'latest' && isNoTaggedBlock(error)) throw notFinal(chain, rule);
      throw toChainError(error, options.origin);
    }
    if (header === undefined) throw notFinal(chain, rule);
    return header;
  };

  const read = async (): Promise<BlockHeader> => {
    if ('tag' in finality) return tagged(finality.tag);
    const head = await tagged('latest');
    if (finality.offset === 0) return head;
    const height = head.height - BigInt(finality.offset);
    if (height < 0n) throw notFinal(chain, rule);
    // The head may have moved meanwhile: what lies below the older head lies below the newer one.
    const header = await headers.byHeight(height);
    if (header === undefined) throw notFinal(chain, rule);
    return header;
  };

  const refresh = (): Promise<BlockHeader> => {
    if (refreshing !== undefined) return refreshing;
    const readAt = clock.now();
    const startedIn = epoch;
    const reading = read()
      .then((header) => {
        if (epoch === startedIn) cached = { header, readAt };
        return header;
      })
      .finally(() => {
        if (refreshing === reading) refreshing = undefined;
      });
    refreshing = reading;
    return reading;
  };

  return {
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
    forget() {
      epoch++;
      cached = undefined;
      refreshing = undefined;
    },
  };
};

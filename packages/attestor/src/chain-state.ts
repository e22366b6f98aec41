import type { BlockHeader, ChainReader, StorePath } from '@interchain-attestation/chains';
import { isAttestationError } from '@interchain-attestation/core';
import type { CanonicalView } from './canonical-view.ts';
import { AttestorError } from './errors.ts';

/** A final, canonical block. */
export interface PinnedBlock {
  readonly block: BlockHeader;
  /**
   * Whether everything recorded is still compared with the chain that the block belongs to. Ask after the statement became
   * durable and right before it is signed: while it was not recorded yet, a view built anew could not compare it.
   */
  readonly isCurrent: () => boolean;
  /**
   * Compares the block with the view that was built since, after which {@link PinnedBlock.isCurrent} holds again. False
   * when the block is not part of that chain: then everything recorded is compared before anything else is signed.
   * @throws as {@link ChainState.block}
   */
  readonly renew: () => Promise<boolean>;
}

/** What a chain holds at one final, canonical block. */
export interface PinnedRead extends PinnedBlock {
  /** In the order asked: 32 bytes, or undefined for a proven absence. */
  readonly values: readonly (Uint8Array | undefined)[];
}

/**
 * Reads that are safe to sign: of one block, named by its hash, canonical and final. They take no signal: what is read
 * is shared between callers and bounded by the adapter's time-outs, and a caller whose deadline passes is answered by
 * the transport.
 */
export interface ChainState {
  /** The highest height that would be attested now. */
  latest(signal?: AbortSignal): Promise<BlockHeader>;
  /** @throws AttestorError `attestor/height-not-final`, and what the chain throws */
  block(height: bigint): Promise<PinnedBlock>;
  /** @throws as {@link ChainState.block} */
  read(height: bigint, paths: readonly StorePath[]): Promise<PinnedRead>;
}

const ATTEMPTS = 2;

export const createChainState = (reader: ChainReader, view: CanonicalView): ChainState => {
  const unsettled = (height: bigint, cause?: unknown): AttestorError =>
    new AttestorError('attestor/chain-inconsistent', `the block at ${height} changes while it is read`, {
      meta: { height },
      retryable: true,
      cause,
    });

  /** The final block, and the view that it was just found in: another caller may have given it up in between. */
  const settle = async (height: bigint): Promise<{ readonly final: BlockHeader; readonly generation: number }> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const final = await view.sync(height);
      if (view.header(final.height)?.hash === final.hash) return { final, generation: view.generation };
    }
    throw unsettled(height);
  };

  const pin = (block: BlockHeader, generation: number): PinnedBlock => {
    let compared = generation;
    return {
      block,
      isCurrent: () => view.generation === compared,
      async renew() {
        const { generation: now } = await settle(block.height);
        const { height, hash } = block;
        const header = view.header(height) ?? (await view.linked(height)) ?? (await reader.headers([height]))[0];
        if (view.generation === now && header?.hash === hash) {
          compared = now;
          return true;
        }
        view.invalidate();
        return false;
      },
    };
  };

  const finalBlockAt = async (height: bigint): Promise<PinnedBlock> => {
    const { final, generation } = await settle(height);
    if (height > final.height) {
      throw new AttestorError('attestor/height-not-final', `height ${height} is not final, ${final.height} is`, {
        meta: { height, finalizedHeight: final.height },
        retryable: true,
      });
    }
    const linked = view.header(height) ?? (await view.linked(height));
    if (linked !== undefined) return pin(linked, generation);
    const [header] = await reader.headers([height]);
    if (header === undefined) {
      throw new AttestorError('attestor/chain-inconsistent', `no block at ${height}, below the final ${final.height}`, {
        meta: { height, finalizedHeight: final.height },
        retryable: true,
      });
    }
    return pin(header, generation);
  };

  /** One attempt; undefined when the view was built anew meanwhile, so that nothing read before counts. */
  const tryRead = async (height: bigint, paths: readonly StorePath[]): Promise<PinnedRead | undefined> => {
    const linked = view.header(height);
    if (linked !== undefined) {
      // The block is known: reading it and looking whether it is still canonical share one round trip.
      const { generation } = view;
      const [, values] = await Promise.all([finalBlockAt(height), reader.commitments(linked, paths)]);
      return view.generation === generation ? { ...pin(linked, generation), values } : undefined;
    }
    const pinned = await finalBlockAt(height);
    const values = await reader.commitments(pinned.block, paths);
    return pinned.isCurrent() ? { ...pinned, values } : undefined;
  };

  return {
    latest: (signal) => view.sync(undefined, signal),
    block: finalBlockAt,
    async read(height, paths) {
      let cause: unknown;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        try {
          const read = await tryRead(height, paths);
          if (read !== undefined) return read;
        } catch (error) {
          if (!isAttestationError(error, 'chain/block-not-canonical')) throw error;
          // A final block is gone: everything recorded has to be compared before anything else is signed.
          view.invalidate();
          cause = error;
        }
      }
      throw unsettled(height, cause);
    },
  };
};

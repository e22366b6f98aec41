import type { BlockHeader, ChainReader, StorePath } from '@interchain-attestation/chains';
import { isAttestationError } from '@interchain-attestation/core';
import type { CanonicalView } from './canonical-view.ts';
import { AttestorError } from './errors.ts';

/** A final, canonical block. */
export interface PinnedBlock {
  readonly block: BlockHeader;
  /**
   * Whether what was recorded is still compared with the chain that the block belongs to. Ask after the statement became
   * durable and before it is signed: while it was not recorded yet, a view built anew could not compare it. When false,
   * everything recorded is compared again before anything else is signed.
   */
  readonly isCurrent: () => boolean;
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
  const pin = (block: BlockHeader, generation: number): PinnedBlock => ({
    block,
    isCurrent: () => {
      if (view.generation === generation) return true;
      view.invalidate();
      return false;
    },
  });

  const finalBlockAt = async (height: bigint): Promise<PinnedBlock> => {
    const final = await view.sync(height);
    const { generation } = view;
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
      throw new AttestorError('attestor/chain-inconsistent', `the block at ${height} changes while it is read`, {
        meta: { height },
        retryable: true,
        cause,
      });
    },
  };
};

import type { BlockHeader } from '@interchain-attestation/chains';
import { RelayerError } from '../errors.ts';
import type { Cursor } from '../store/cursors.ts';
import type { ChainHandle } from './chain-handle.ts';

/** Cosmos chains have no block 0; nor can their first block hold a packet, since clients come before. */
const blockBefore = (kind: 'evm' | 'cosmos', startHeight: bigint): bigint => {
  const first = kind === 'cosmos' ? 1n : 0n;
  return startHeight > first ? startHeight - 1n : first;
};

/**
 * The cursor to begin from: the stored one when it is of this very chain, else a new one at the configured block or
 * at the final block of now.
 * @param startHeight first block whose events are wanted; undefined: the one after the final block
 * @throws RelayerError `relayer/wrong-chain`, `relayer/invalid-config` when the start block does not exist yet
 */
export const firstCursor = async (
  { chainId, reader }: ChainHandle,
  stored: Cursor | undefined,
  startHeight: bigint | undefined,
  signal: AbortSignal,
): Promise<Cursor> => {
  const identity = await reader.identity({ signal });
  if (identity.chainId !== chainId || (stored !== undefined && stored.genesisHash !== identity.genesisHash)) {
    throw new RelayerError('relayer/wrong-chain', `chain ${chainId} is not the one this store was made for`, {
      meta: {
        chainId,
        got: identity.chainId,
        genesisHash: identity.genesisHash,
        expected: stored?.genesisHash ?? null,
      },
    });
  }
  if (stored !== undefined) return stored;
  let at: BlockHeader | undefined;
  if (startHeight === undefined) at = await reader.finalizedBlock({ signal });
  else [at] = await reader.headers([blockBefore(reader.kind, startHeight)], { signal });
  if (at === undefined) {
    throw new RelayerError(
      'relayer/invalid-config',
      `chain ${chainId} has not reached its start block ${startHeight}`,
      {
        meta: { chainId, startHeight: startHeight ?? null },
      },
    );
  }
  return {
    chainId,
    genesisHash: identity.genesisHash,
    height: at.height,
    blockHash: at.hash,
    startHeight: at.height,
    startTimeSec: at.timestampSec,
    sends: new Map(),
  };
};

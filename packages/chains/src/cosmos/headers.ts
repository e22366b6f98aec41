import type { comet38 } from '@cosmjs/tendermint-rpc';
import { bytesToHex, type Hex } from '@interchain-attestation/core';
import { ChainError } from '../errors.ts';
import type { BlockHeader } from '../ports.ts';
import type { CometLane, CometRpc } from './rpc/comet-rpc.ts';
import { malformed, missingBlock } from './rpc/node-error.ts';

/** A block as the chain names it, and how many transactions it holds. */
export interface CosmosBlock {
  readonly header: BlockHeader;
  readonly txCount: number;
}

export interface CosmosHeaderReader {
  /**
   * Undefined where the node has no such block yet.
   * @throws ChainError `chain/state-pruned` for a block below what the node keeps, `chain/invalid-input`
   */
  at(height: bigint): Promise<CosmosBlock | undefined>;
  /**
   * The blocks `from..to`, at most {@link MAX_BLOCKS} of them, in order.
   * @throws ChainError `chain/height-not-found` when the node does not have all of them yet, `chain/state-pruned` when it
   * no longer has all of them
   */
  range(from: bigint, to: bigint): Promise<readonly CosmosBlock[]>;
  /** Height of the newest block whose state the application has committed. */
  committedHeight(): Promise<bigint>;
}

/** CometBFT answers `blockchain` with at most this many. */
export const MAX_BLOCKS = 20n;

/** Heights are int64 on the wire; CosmJS takes what fits a JavaScript number, which no chain leaves. */
const MAX_HEIGHT = BigInt(Number.MAX_SAFE_INTEGER);
const NO_PARENT: Hex = `0x${'00'.repeat(32)}`;

const hashOf = (hash: Uint8Array): Hex => {
  if (hash.length !== 32) throw new Error(`a block hash of ${hash.length} bytes`);
  return bytesToHex(hash);
};

const parseBlock = ({ blockId, header, numTxs }: comet38.BlockMeta): CosmosBlock => ({
  header: {
    height: BigInt(header.height),
    hash: hashOf(blockId.hash),
    parentHash: header.lastBlockId === null ? NO_PARENT : hashOf(header.lastBlockId.hash),
    timestampSec: BigInt(Math.floor(header.time.getTime() / 1000)),
  },
  txCount: numTxs,
});

export const createCosmosHeaderReader = (rpc: CometRpc, lane: CometLane, chainId: string): CosmosHeaderReader => {
  const { origin } = rpc;

  const pruned = (height: bigint, cause?: unknown): ChainError =>
    new ChainError('chain/state-pruned', `RPC at ${origin} no longer keeps block ${height}`, {
      meta: { origin, height },
      ...(cause === undefined ? {} : { cause }),
    });

  /** Ascending; [] when the node has nothing there yet. */
  const read = async (from: bigint, to: bigint): Promise<readonly CosmosBlock[]> => {
    let metas: readonly comet38.BlockMeta[];
    try {
      ({ blockMetas: metas } = await lane.comet.blockchain(Number(from), Number(to)));
    } catch (error) {
      const missing = missingBlock(error, from);
      if (missing === 'above') return [];
      throw missing === 'pruned' ? pruned(from, error) : error;
    }
    const strangers = metas.find(({ header }) => header.chainId !== chainId);
    if (strangers !== undefined) throw new Error(`block of chain ${strangers.header.chainId.slice(0, 60)}`);
    return metas.map(parseBlock).sort((a, b) => (a.header.height < b.header.height ? -1 : 1));
  };

  const assertHeight = (height: bigint): void => {
    if (height < 0n) throw new ChainError('chain/invalid-input', `not a height: ${height}`, { meta: { height } });
  };

  return {
    async at(height) {
      assertHeight(height);
      // There is no block 0; to CometBFT it means "the newest".
      if (height === 0n || height > MAX_HEIGHT) return undefined;
      const [block, ...rest] = await rpc.outage(read(height, height));
      if (block === undefined) return undefined;
      if (rest.length > 0 || block.header.height !== height) {
        throw malformed(origin, `asked for block ${height}, got block ${block.header.height}`);
      }
      return block;
    },
    async range(from, to) {
      assertHeight(from);
      if (from < 1n || to < from || to - from >= MAX_BLOCKS) throw new Error(`not a range: ${from}..${to}`);
      const blocks = to > MAX_HEIGHT ? [] : await rpc.outage(read(from, to));
      const first = blocks[0]?.header.height ?? from;
      const last = first + BigInt(blocks.length) - 1n;
      if (first < from || last > to || blocks.some(({ header }, i) => header.height !== first + BigInt(i))) {
        throw malformed(origin, `asked for blocks ${from}..${to}, got others`);
      }
      // A node cuts what was asked at the lowest block that it keeps.
      if (first > from) throw pruned(from);
      if (last < to) {
        throw new ChainError('chain/height-not-found', `RPC at ${origin} has no block ${to} yet`, {
          meta: { origin, height: to },
          retryable: true,
        });
      }
      return blocks;
    },
    async committedHeight() {
      const { lastBlockHeight } = await rpc.outage(lane.comet.abciInfo());
      return BigInt(lastBlockHeight ?? 0);
    },
  };
};

import { bytesToHex, type Hex, hashPath } from '@interchain-attestation/core';
import { ChainError } from '../errors.ts';
import type { BlockHeader, StorePath } from '../ports.ts';
import type { Batcher } from '../rpc/batcher.ts';
import { toChainError } from '../rpc/response-error.ts';
import type { HeaderReader } from './headers.ts';
import { decodeMultiRead, encodeMultiRead, MAX_READS_PER_CALL, type MultiRead } from './multi-read.ts';
import { classifyStateReadError } from './read-error.ts';
import { createRouterCheck, notARouter } from './router-check.ts';
import { malformed } from './rpc/quantity.ts';

/** Reads of one block that leave together in one eth_call. */
interface Group {
  readonly hashes: string[];
  readonly answer: Promise<MultiRead>;
}

export type CommitmentReader = (
  block: BlockHeader,
  paths: readonly StorePath[],
) => Promise<readonly (Uint8Array | undefined)[]>;

const RECENT_BLOCKS = 64n;
const HASH = /^0x[0-9a-f]{64}$/;

/** EIP-1898: by hash, and refused by the node when the block was reorganized away. */
const blockJson = (hash: Hex): string => `{"blockHash":"${hash}","requireCanonical":true}`;

export const createCommitmentReader = (options: {
  readonly reads: Batcher;
  readonly headers: HeaderReader;
  readonly origin: string;
  readonly router: string;
  readonly routerKind: 'proxy' | 'plain';
}): CommitmentReader => {
  const { reads, headers, origin, router } = options;
  const routerCheck = createRouterCheck(reads, { router, kind: options.routerKind });
  const open = new Map<Hex, Group>();

  const pruned = (block: BlockHeader, cause: unknown): ChainError =>
    new ChainError('chain/state-pruned', `RPC at ${origin} no longer has the state of block ${block.height}`, {
      meta: { origin, height: block.height },
      cause,
    });

  /** Tells a block that is gone from a node that has not seen it yet. */
  const unknownBlock = async (block: BlockHeader, cause: unknown): Promise<ChainError> => {
    const meta = { origin, height: block.height, hash: block.hash };
    const [canonical, latest] = await Promise.all([headers.byHeight(block.height), headers.byTag('latest')]);
    if (canonical !== undefined && canonical.hash !== block.hash) {
      return new ChainError(
        'chain/block-not-canonical',
        `block ${block.height} is ${canonical.hash} now, no longer ${block.hash}`,
        { meta: { ...meta, canonicalHash: canonical.hash }, cause },
      );
    }
    // Some nodes say "not found" of state that they pruned. Near the head it is more likely a node that lags.
    if (canonical !== undefined && latest !== undefined && latest.height - block.height > RECENT_BLOCKS) {
      return pruned(block, cause);
    }
    return new ChainError('chain/unavailable', `RPC at ${origin} does not know block ${block.height} by its hash`, {
      meta: { ...meta, kind: 'unknown-block' },
      retryable: true,
      cause,
    });
  };

  const explain = async (block: BlockHeader, error: unknown): Promise<unknown> => {
    const fault = classifyStateReadError(error);
    if (fault === 'unknown-block') return unknownBlock(block, error);
    if (fault === 'pruned') return pruned(block, error);
    return toChainError(error, origin);
  };

  const start = (block: BlockHeader): Group => {
    const hashes: string[] = [];
    const params = (): string => {
      if (open.get(block.hash) === group) open.delete(block.hash);
      return `[{"data":"${encodeMultiRead(router, hashes)}"},${blockJson(block.hash)}]`;
    };
    const read = async (): Promise<MultiRead> => {
      try {
        const result = await reads.call('eth_call', params);
        const answer = decodeMultiRead(result, hashes.length);
        if (answer === undefined) throw malformed('answer to a commitment read');
        if (answer.commitments === undefined)
          throw notARouter(router, 'no code there, or getCommitment does not answer');
        await routerCheck.verify(answer.codeHash, blockJson(block.hash));
        return answer;
      } catch (error) {
        if (open.get(block.hash) === group) open.delete(block.hash);
        throw await explain(block, error).catch((another: unknown) => toChainError(another, origin));
      }
    };
    const group: Group = { hashes, answer: Promise.resolve().then(read) };
    open.set(block.hash, group);
    return group;
  };

  /** Adds up to one call's worth of hashes to the open group of the block. */
  const readSome = async (
    block: BlockHeader,
    wanted: readonly string[],
  ): Promise<readonly (Uint8Array | undefined)[]> => {
    let group = open.get(block.hash);
    if (group === undefined || group.hashes.length + wanted.length > MAX_READS_PER_CALL) group = start(block);
    const from = group.hashes.length;
    group.hashes.push(...wanted);
    const { commitments = [], timestampSec } = await group.answer;
    // A node that ignores the block parameter would answer from its newest state.
    if (timestampSec !== block.timestampSec) {
      throw new ChainError('chain/unavailable', `RPC at ${origin} read another block than ${block.height}`, {
        meta: { origin, kind: 'wrong-block', expected: block.timestampSec, got: timestampSec },
        retryable: true,
      });
    }
    return commitments.slice(from, from + wanted.length);
  };

  return async (block, paths) => {
    if (!HASH.test(block.hash)) {
      throw new ChainError('chain/invalid-input', `not a block hash: ${block.hash.slice(0, 80)}`);
    }
    const hashes = paths.map((path) => bytesToHex(path.hashedPath ?? hashPath(path)).slice(2));
    if (hashes.length <= MAX_READS_PER_CALL) return hashes.length === 0 ? [] : readSome(block, hashes);
    const parts: Promise<readonly (Uint8Array | undefined)[]>[] = [];
    for (let at = 0; at < hashes.length; at += MAX_READS_PER_CALL) {
      parts.push(readSome(block, hashes.slice(at, at + MAX_READS_PER_CALL)));
    }
    return (await Promise.all(parts)).flat();
  };
};

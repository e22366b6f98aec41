import { bytesToHex, sha256 } from '@interchain-attestation/core';
import type { ChainEvent } from '../../chain-event.ts';
import { ChainError } from '../../errors.ts';
import type { BlockHeader } from '../../ports.ts';
import { readTransaction } from '../events/transaction.ts';
import type { CosmosHeadWatcher } from '../heads/head-watcher.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import type { AccountReader } from './account.ts';
import { broadcastTransaction } from './broadcast.ts';
import type { GasAndFee, SignedCosmosTransaction } from './sign.ts';

/** A transaction that was handed to a node. */
export interface PendingCosmosTransaction {
  readonly signed: SignedCosmosTransaction;
  readonly fee: GasAndFee;
  readonly sequence: bigint;
  /** Newest block when it was sent: it stands in none up to there. */
  readonly sentAtHeight: bigint;
  /** Last block that can include it. */
  readonly timeoutHeight: bigint;
}

export type InclusionOutcome =
  | { readonly kind: 'included'; readonly height: bigint; readonly txIndex: number }
  /** Another transaction took its sequence: it can never be included. */
  | { readonly kind: 'displaced' }
  /** Its timeout height has passed without it. */
  | { readonly kind: 'expired' };

export interface InclusionTracker {
  /** Resolves when the transaction's fate is certain. Rejects only when the tracker is closed. */
  track(pending: PendingCosmosTransaction): Promise<InclusionOutcome>;
  close(): void;
}

interface Tracked extends PendingCosmosTransaction {
  /** Block at which it was last broadcast or asked about thoroughly. */
  lastCareHeight: bigint;
  settle(outcome: InclusionOutcome): void;
  reject(error: Error): void;
}

/**
 * Follows transactions from block to block. A transaction counts as lost only for a reason that is final (its sequence
 * is used up in committed state, or its timeout height is behind), and only after the blocks themselves were looked
 * through: a node's index runs behind its chain, and a transaction sent anew although the first one stands in a block
 * would be done twice.
 */
export const createInclusionTracker = (parts: {
  readonly rpc: CometRpc;
  readonly heads: CosmosHeadWatcher;
  readonly account: AccountReader;
  readonly emit: (event: ChainEvent) => void;
  readonly rebroadcastAfterBlocks: number;
}): InclusionTracker => {
  const { rpc, account, emit } = parts;
  const tracked = new Set<Tracked>();
  let watch: { close(): void } | undefined;
  let busy = false;
  let latest: BlockHeader | undefined;
  let closed = false;

  const finish = (entry: Tracked, outcome: InclusionOutcome): void => {
    if (!tracked.delete(entry)) return;
    entry.settle(outcome);
    if (tracked.size > 0) return;
    watch?.close();
    watch = undefined;
  };

  const findInBlocks = async (entry: Tracked, through: bigint): Promise<InclusionOutcome | undefined> => {
    for (let height = entry.sentAtHeight + 1n; height <= through; height++) {
      const { block } = await rpc.history.comet.block(Number(height));
      if (BigInt(block.header.height) !== height) throw new Error(`asked for block ${height}`);
      const txIndex = block.txs.findIndex((tx) => bytesToHex(sha256(tx)) === entry.signed.txId);
      if (txIndex >= 0) return { kind: 'included', height, txIndex };
    }
    return undefined;
  };

  const judge = async (entry: Tracked, head: bigint): Promise<InclusionOutcome | undefined> => {
    const found = await readTransaction(rpc.transactions, entry.signed.txId).catch(() => undefined);
    if (found !== undefined) return { kind: 'included', height: BigInt(found.height), txIndex: found.index };
    if (head > entry.timeoutHeight) return (await findInBlocks(entry, entry.timeoutHeight)) ?? { kind: 'expired' };
    if (head - entry.lastCareHeight < BigInt(parts.rebroadcastAfterBlocks)) return undefined;
    const { sequence, height } = await account.state();
    if (sequence > entry.sequence) {
      // The block that used the sequence must be among those looked through: the state's own height says how far that is,
      // not `head` or whatever another node behind the URL has come to. A block that cannot be read yet decides nothing.
      return (await findInBlocks(entry, height > head ? height : head)) ?? { kind: 'displaced' };
    }
    entry.lastCareHeight = head;
    emit({ type: 'tx-rebroadcast', txId: entry.signed.txId, nonce: Number(entry.sequence) });
    await broadcastTransaction(rpc, entry.signed.bytes);
    return undefined;
  };

  const round = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let done: BlockHeader | undefined; latest !== undefined && latest !== done; ) {
      done = latest;
      const { height } = latest;
      await Promise.all(
        [...tracked].map(async (entry) => {
          // An outage decides nothing; the next block asks again.
          const outcome = await judge(entry, height).catch(() => undefined);
          if (outcome !== undefined) finish(entry, outcome);
        }),
      );
    }
    busy = false;
  };

  const closedError = (): Error =>
    new ChainError('chain/unavailable', 'the sender is closed', { meta: { kind: 'closed', origin: rpc.origin } });

  return {
    track: (pending) =>
      new Promise<InclusionOutcome>((settle, reject) => {
        if (closed) return reject(closedError());
        tracked.add({ ...pending, lastCareHeight: pending.sentAtHeight, settle, reject });
        watch ??= parts.heads.watch({
          onHead(head) {
            latest = head;
            void round();
          },
        });
      }),
    close() {
      closed = true;
      watch?.close();
      for (const entry of tracked) entry.reject(closedError());
      tracked.clear();
    },
  };
};

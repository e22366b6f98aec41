import type { Address, Hex } from '@interchain-attestation/core';
import type { ChainEvent } from '../../chain-event.ts';
import type { BlockHeader, Clock } from '../../ports.ts';
import type { Batcher } from '../../rpc/batcher.ts';
import { type EvmReceipt, readReceipt } from '../events/receipt.ts';
import type { HeadWatcher } from '../heads/head-watcher.ts';
import { parseQuantity } from '../rpc/quantity.ts';
import { newestVersion, type PendingTransaction } from './pending-transaction.ts';
import type { SignedTransaction } from './sign.ts';

/** What the tracker asks of whoever holds the key. */
export interface TrackerActions {
  /** Sends the newest version again: the node does not know it. */
  rebroadcast(pending: PendingTransaction): Promise<void>;
  /** Replaces it by one that pays more. */
  raise(pending: PendingTransaction): Promise<void>;
  /** Takes the nonce out of the way with an empty transaction. */
  clearNonce(nonce: number, attempt: number): Promise<void>;
  /** A transaction that had been included is in no block any more. */
  returnToPool(signed: SignedTransaction, nonce: number): Promise<void>;
}

export interface InclusionTracker {
  /** Highest nonce among the transactions that wait; undefined when none does. */
  readonly highestNonce: number | undefined;
  add(pending: PendingTransaction): void;
  close(): void;
}

interface Included {
  readonly nonce: number;
  readonly signed: SignedTransaction;
  readonly height: bigint;
  readonly blockHash: Hex;
}

/** True when the new head does not simply stand on the block that was the head, and on those that hold our transactions. */
const contradicts = (head: BlockHeader, last: BlockHeader | undefined, included: readonly Included[]): boolean =>
  (last !== undefined && head.parentHash !== last.hash && head.hash !== last.hash) ||
  included.some(
    ({ height, blockHash }) =>
      (height >= head.height && blockHash !== head.hash) ||
      (height === head.height - 1n && blockHash !== head.parentHash),
  );

/** Without heads (a chain that mines on demand) it looks again from time to time. */
const RECHECK_MS = 2_000;
/** How long an included transaction is held ready against reorgs. */
const REORG_WINDOW = 32n;

/** Follows signed transactions until they are in a block: looks at each new head, in one batch for all of them. */
export const createInclusionTracker = (options: {
  readonly rpc: Batcher;
  readonly heads: HeadWatcher;
  readonly clock: Clock;
  readonly emit: (event: ChainEvent) => void;
  readonly account: Address;
  readonly router: Address;
  readonly bumpAfterBlocks: number;
  readonly unblockAfterBlocks: number;
  readonly giveUpAfterBlocks: number;
  readonly actions: TrackerActions;
}): InclusionTracker => {
  const { rpc, actions } = options;
  const pending = new Map<number, PendingTransaction>();
  let included: Included[] = [];
  let watch: { close(): void } | undefined;
  let recheck: AbortController | undefined;
  let lastHead: BlockHeader | undefined;
  let newHeads = 0;
  let mayHaveReorged = false;
  let running = false;
  let again = false;
  let blockedHeads = 0;
  let clearAttempts = 0;
  let lastCount = -1;
  let closed = false;

  const findReceipt = async ({
    versions,
  }: PendingTransaction): Promise<{ receipt: EvmReceipt; signed: SignedTransaction } | undefined> => {
    const receipts = await Promise.all(versions.map(({ txId }) => readReceipt(rpc, txId, options.router)));
    const at = receipts.findIndex((receipt) => receipt !== undefined);
    const receipt = receipts[at];
    const signed = versions[at];
    return receipt === undefined || signed === undefined ? undefined : { receipt, signed };
  };

  const end = (transaction: PendingTransaction, outcome: Parameters<PendingTransaction['settle']>[0]): void => {
    pending.delete(transaction.nonce);
    transaction.settle(outcome);
  };

  /** Takes out what is in a block; returns how many transactions of the account are, and what still waits. */
  const collect = async (): Promise<{
    count: number;
    waiting: readonly PendingTransaction[];
    unreadable: readonly PendingTransaction[];
  }> => {
    const all = [...pending.values()].sort((a, b) => a.nonce - b.nonce);
    const [rawCount, found] = await Promise.all([
      rpc.call('eth_getTransactionCount', `["${options.account}","latest"]`),
      Promise.allSettled(all.map(findReceipt)),
    ]);
    const waiting: PendingTransaction[] = [];
    const unreadable: PendingTransaction[] = [];
    for (const [i, transaction] of all.entries()) {
      const look = found[i];
      // A receipt that does not read says nothing of its transaction, and holds up no other.
      if (look?.status !== 'fulfilled') {
        unreadable.push(transaction);
        continue;
      }
      const hit = look.value;
      if (hit === undefined) {
        waiting.push(transaction);
        continue;
      }
      const { receipt, signed } = hit;
      included.push({ nonce: transaction.nonce, signed, height: receipt.height, blockHash: receipt.blockHash });
      options.emit({ type: 'tx-included', txId: signed.txId, nonce: transaction.nonce, success: receipt.success });
      end(transaction, { kind: 'included', ...hit });
    }
    return { count: Number(parseQuantity(rawCount, 'transaction count')), waiting, unreadable };
  };

  const grow = (transaction: PendingTransaction): void => {
    if (++transaction.headsTotal >= options.giveUpAfterBlocks) end(transaction, { kind: 'given-up' });
  };
  const age = (count: number, waiting: readonly PendingTransaction[]): void => {
    for (const transaction of waiting) {
      // The count and the receipts of one look may stand on two sides of a new block: look twice.
      if (transaction.nonce < count && ++transaction.headsOvertaken >= 2) end(transaction, { kind: 'superseded' });
      else grow(transaction);
    }
  };

  const tend = async (next: PendingTransaction, isNewHead: boolean): Promise<void> => {
    const txId = newestVersion(next)?.txId;
    const known = await rpc.call('eth_getTransactionByHash', `["${txId}"]`);
    if (known === null) return actions.rebroadcast(next);
    if (!isNewHead || ++next.headsNext < options.bumpAfterBlocks) return;
    next.headsNext = 0;
    await actions.raise(next);
  };

  /** Our lowest nonce is not the account's next: something of another process, or of an earlier run, stands before it. */
  const unblock = async (count: number): Promise<void> => {
    if (count !== lastCount) {
      lastCount = count;
      blockedHeads = 0;
      clearAttempts = 0;
    }
    if (++blockedHeads < options.unblockAfterBlocks) return;
    // From here on each head raises what is offered for the empty transaction.
    await actions.clearNonce(count, clearAttempts++);
  };

  const returnReorged = async (): Promise<void> => {
    mayHaveReorged = false;
    const receipts = await Promise.all(included.map(({ signed }) => readReceipt(rpc, signed.txId, options.router)));
    for (const [i, { signed, nonce }] of included.entries()) {
      if (receipts[i] === undefined) await actions.returnToPool(signed, nonce);
    }
  };

  const look = async (): Promise<void> => {
    const isNewHead = newHeads > 0;
    newHeads = 0;
    if (mayHaveReorged && included.length > 0) await returnReorged();
    if (pending.size === 0) return;
    const { count, waiting, unreadable } = await collect();
    if (isNewHead) {
      age(count, waiting);
      for (const transaction of unreadable) grow(transaction);
    }
    const next = waiting.find(({ nonce }) => nonce >= count && pending.has(nonce));
    if (next === undefined) return;
    if (next.nonce === count) await tend(next, isNewHead);
    else if (isNewHead && !pending.has(count)) await unblock(count);
  };

  const run = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      // An outage is told by the RPC client; the next head or the timer looks again.
      await look().catch(() => {});
    } while (again && !closed);
    running = false;
    if (pending.size === 0 && included.length === 0) rest();
  };

  const onHead = (head: BlockHeader): void => {
    newHeads++;
    if (contradicts(head, lastHead, included)) mayHaveReorged = true;
    lastHead = head;
    included = included.filter(({ height }) => height + REORG_WINDOW > head.height);
    void run();
  };

  const recheckLoop = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await options.clock.sleep(RECHECK_MS, signal).catch(() => {});
      if (!signal.aborted && pending.size > 0) void run();
    }
  };

  const rest = (): void => {
    watch?.close();
    watch = undefined;
    recheck?.abort();
    recheck = undefined;
    lastHead = undefined;
  };

  return {
    get highestNonce() {
      return pending.size === 0 ? undefined : Math.max(...pending.keys());
    },
    add(transaction) {
      if (closed) return transaction.settle({ kind: 'given-up' });
      pending.set(transaction.nonce, transaction);
      if (watch === undefined) {
        watch = options.heads.watch({ onHead });
        recheck = new AbortController();
        void recheckLoop(recheck.signal);
      }
      // It may be in a block already.
      void run();
    },
    close() {
      closed = true;
      rest();
      for (const transaction of [...pending.values()]) end(transaction, { kind: 'given-up' });
    },
  };
};

import { parseAddress } from '@interchain-attestation/core';
import { ChainError } from '../../errors.ts';
import { createMutex } from '../../mutex.ts';
import { parseQuantity } from '../rpc/quantity.ts';
import { type BroadcastOutcome, broadcast } from './broadcast.ts';
import type { EvmSenderParts } from './evm-sender.ts';
import { type Fees, raiseFees, readFees } from './fees.ts';
import { createInclusionTracker } from './inclusion-tracker.ts';
import { createPendingTransaction, newestVersion, type PendingTransaction } from './pending-transaction.ts';
import { type PreparedCall, type SignedTransaction, signTransaction } from './sign.ts';

/** Orders the nonces of one account. Knows nothing across restarts: the node's count is where it starts from. */
export interface NonceKeeper {
  /** Gives the call a nonce, signs and broadcasts it; resolves when it is out, or may be. */
  send(call: PreparedCall, fees: Fees, onBroadcast: (signed: SignedTransaction) => void): Promise<PendingTransaction>;
  close(): void;
}

/** Tries to find a nonce and a price that the node takes. */
const MAX_BROADCASTS = 12;
const TRANSFER_GAS = 21_000n;
/** Raising stops at this many times what the chain asks. */
const MAX_OVERPAY = 8n;
const MAX_CLEAR_RAISES = 9;

const feeCapReached = ({ maxFeePerGas }: Fees): ChainError =>
  new ChainError('chain/tx-dropped', `the chain asks for more than the configured ${maxFeePerGas} wei per gas`, {
    meta: { reason: 'fee-cap', maxFeePerGas },
    retryable: true,
  });

export const createNonceKeeper = (parts: EvmSenderParts): NonceKeeper => {
  const { rpc, signer, chainId, settings, emit } = parts;
  const account = parseAddress(signer.address);
  const lane = rpc.transactions;
  const inOrder = createMutex();

  const higher = async (fees: Fees): Promise<Fees> =>
    raiseFees(fees, await readFees(lane, settings.maxFeePerGas), settings.bumpPercent, settings.maxFeePerGas);

  const broadcastVersion = async (
    pending: PendingTransaction,
    fees: Fees,
    replacement: boolean,
  ): Promise<BroadcastOutcome> => {
    const signed = await signTransaction(signer, chainId, pending.call, pending.nonce, fees);
    // Told and kept before it leaves: whatever happens next, this hash may turn up in a block.
    pending.versions.push(signed);
    pending.onBroadcast(signed);
    emit({ type: 'tx-broadcast', txId: signed.txId, nonce: pending.nonce, replacement });
    return broadcast(lane, signed);
  };

  const tracker = createInclusionTracker({
    ...parts,
    ...settings,
    rpc: lane,
    account,
    actions: {
      async rebroadcast(pending) {
        const signed = newestVersion(pending);
        if (signed === undefined) return;
        emit({ type: 'tx-rebroadcast', txId: signed.txId, nonce: pending.nonce });
        const outcome = await broadcast(lane, signed);
        if (outcome.kind === 'underpriced') await this.raise(pending);
      },
      async raise(pending) {
        const current = await readFees(lane, settings.maxFeePerGas);
        const fees = raiseFees(pending.fees, current, settings.bumpPercent, settings.maxFeePerGas);
        // The cap is reached, or it is not the price that keeps it out: more money would not help.
        const atCap = fees.maxFeePerGas <= pending.fees.maxFeePerGas;
        if (atCap || pending.fees.maxFeePerGas >= MAX_OVERPAY * current.maxFeePerGas) return;
        // Kept also when refused, so that the next attempt offers more.
        pending.fees = fees;
        await broadcastVersion(pending, fees, true);
      },
      async clearNonce(nonce, attempt) {
        let fees = await readFees(lane, settings.maxFeePerGas);
        for (let i = 0; i < Math.min(attempt, MAX_CLEAR_RAISES); i++)
          fees = raiseFees(fees, fees, settings.bumpPercent, settings.maxFeePerGas);
        const empty = { to: account, data: '0x', gas: TRANSFER_GAS } as const;
        const signed = await signTransaction(signer, chainId, empty, nonce, fees);
        emit({ type: 'tx-broadcast', txId: signed.txId, nonce, replacement: true });
        await broadcast(lane, signed);
      },
      async returnToPool(signed, nonce) {
        emit({ type: 'tx-rebroadcast', txId: signed.txId, nonce });
        await broadcast(lane, signed);
      },
    },
  });

  const countPending = async (): Promise<number> =>
    Number(parseQuantity(await lane.call('eth_getTransactionCount', `["${account}","pending"]`), 'transaction count'));

  const nextNonce = async (): Promise<number> => {
    const { highestNonce } = tracker;
    return highestNonce === undefined ? countPending() : highestNonce + 1;
  };

  /** Whether one of its versions is in a block or in the pool, or nobody can tell: then its nonce is its own. */
  const mayBeOut = async ({ versions }: PendingTransaction): Promise<boolean> => {
    try {
      const asked = versions.map(({ txId }) => lane.call('eth_getTransactionByHash', `["${txId}"]`));
      return (await Promise.all(asked)).some((known) => known !== null);
    } catch {
      return true;
    }
  };

  const sendInOrder = async (
    call: PreparedCall,
    firstFees: Fees,
    onBroadcast: (signed: SignedTransaction) => void,
  ): Promise<PendingTransaction> => {
    let pending = createPendingTransaction(await nextNonce(), call, firstFees, onBroadcast);
    for (let attempt = 0; attempt < MAX_BROADCASTS; attempt++) {
      const { nonce, fees } = pending;
      const outcome = await broadcastVersion(pending, fees, false);
      switch (outcome.kind) {
        case 'accepted':
        // Only the tracker, which looks on several heads, may find that it has to be signed anew.
        case 'unknown':
          tracker.add(pending);
          return pending;
        case 'nonce-taken':
          // By itself, where a balancer gave it to several nodes: under another nonce it would be done twice.
          if (await mayBeOut(pending)) {
            tracker.add(pending);
            return pending;
          }
          pending = createPendingTransaction(Math.max(await countPending(), nonce + 1), call, fees, onBroadcast);
          break;
        case 'underpriced': {
          const raised = await higher(fees);
          if (raised.maxFeePerGas <= fees.maxFeePerGas) throw feeCapReached(fees);
          pending.fees = raised;
          break;
        }
        case 'refused':
          throw outcome.error;
      }
    }
    throw new ChainError('chain/unavailable', `no nonce or fee that the node takes in ${MAX_BROADCASTS} attempts`, {
      meta: { account, nonce: pending.nonce, kind: 'broadcast' },
      retryable: true,
    });
  };

  return {
    send: (call, fees, onBroadcast) => inOrder(() => sendInOrder(call, fees, onBroadcast)),
    close: () => tracker.close(),
  };
};

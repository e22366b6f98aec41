import type { EvmReceipt } from '../events/receipt.ts';
import type { Fees } from './fees.ts';
import type { PreparedCall, SignedTransaction } from './sign.ts';

/** How waiting for a transaction ended. */
export type PendingOutcome =
  | { readonly kind: 'included'; readonly receipt: EvmReceipt; readonly signed: SignedTransaction }
  /** Another transaction took the nonce: this one can never be included. */
  | { readonly kind: 'superseded' }
  /** It hangs; it may still be included. */
  | { readonly kind: 'given-up' };

/** A transaction that was signed and is not known to be in a block. */
export interface PendingTransaction {
  readonly nonce: number;
  readonly call: PreparedCall;
  readonly onBroadcast: (signed: SignedTransaction) => void;
  readonly settle: (outcome: PendingOutcome) => void;
  readonly done: Promise<PendingOutcome>;
  /** All versions, newest last: any of them may be the one that gets in. */
  readonly versions: SignedTransaction[];
  fees: Fees;
  /** Heads seen since the newest version went out while nothing stood before it. */
  headsNext: number;
  /** Heads seen since the first version went out. */
  headsTotal: number;
  /** Heads seen on which the nonce was used up and no version had a receipt. */
  headsOvertaken: number;
}

export const createPendingTransaction = (
  nonce: number,
  call: PreparedCall,
  fees: Fees,
  onBroadcast: (signed: SignedTransaction) => void,
): PendingTransaction => {
  const { promise, resolve } = Promise.withResolvers<PendingOutcome>();
  return {
    nonce,
    call,
    fees,
    onBroadcast,
    settle: resolve,
    done: promise,
    versions: [],
    headsNext: 0,
    headsTotal: 0,
    headsOvertaken: 0,
  };
};

export const newestVersion = (pending: PendingTransaction): SignedTransaction | undefined => pending.versions.at(-1);

import type { Packet } from '@interchain-attestation/core';
import type { Leg } from '../domain/packet-state.ts';
import { RelayerError } from '../errors.ts';

/** Everything that a transaction of the proof API would do with our signature under it. */
export interface TransactionContent {
  /** Client ids of its client updates. */
  readonly updates: readonly string[];
  /** Accounts that its messages name as who signs; none where messages name nobody. */
  readonly signers: readonly string[];
  readonly messages: readonly { readonly leg: Leg; readonly packet: Packet }[];
}

/** @throws RelayerError `relayer/foreign-transaction` always */
export const refuse = (problem: string, cause?: unknown): never => {
  throw new RelayerError('relayer/foreign-transaction', `the proof API's transaction ${problem}; nothing was signed`, {
    meta: { problem },
    ...(cause === undefined ? {} : { cause }),
  });
};

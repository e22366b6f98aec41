import { AttestationError } from '@interchain-attestation/core';

export type DevnetErrorCode =
  /** A program that the network needs is not installed. */
  | 'devnet/binary-missing'
  /** A process ended or stayed silent before it was ready. */
  | 'devnet/not-ready'
  /** The network was closed, or is closing. */
  | 'devnet/closed'
  /** A transaction that the network needs failed. */
  | 'devnet/transaction-failed'
  /** Something that was waited for did not come in time. */
  | 'devnet/timeout';

/** Error of a development network. */
export class DevnetError extends AttestationError<DevnetErrorCode> {}

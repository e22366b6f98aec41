import { AttestationError } from '@interchain-attestation/core';

/** Codes of the errors that this package throws. */
export type RelayerErrorCode =
  /** The configuration is wrong; `meta` names the first problem, the message all of them. */
  | 'relayer/invalid-config'
  /** Another process has the store open. */
  | 'relayer/store-locked'
  /** The store does not read: damaged, of a newer version, or no SQLite file. */
  | 'relayer/store-unusable'
  /** The store belongs to another chain than the one that answers. */
  | 'relayer/wrong-chain'
  | 'relayer/unknown-chain'
  | 'relayer/unknown-route'
  /** The transaction holds no packet of a configured route. */
  | 'relayer/no-packets'
  | 'relayer/invalid-request'
  /** A chain holds something that its counterparty says cannot be: the route stands still until an operator looks. */
  | 'relayer/route-halted'
  /** A block that was final is no longer part of its chain. */
  | 'relayer/reorg-past-finality'
  /** The proof API named another contract than the router: nothing is signed. */
  | 'relayer/foreign-contract'
  /** The proof API's transaction does something else than what was asked: nothing is signed. */
  | 'relayer/foreign-transaction'
  /** The node left out an event that the same block had shown before: the answer is not used. */
  | 'relayer/incomplete-events';

/** Error of the relayer. */
export class RelayerError extends AttestationError<RelayerErrorCode> {}

import { AttestationError } from '@interchain-attestation/core';

/** Codes of the errors that chain adapters throw. */
export type ChainErrorCode =
  /** No usable answer: connection refused, time-out, HTML, JSON-RPC internal error. Retryable. */
  | 'chain/unavailable'
  /** The node answers for another chain (id or genesis hash). Never retried blindly. */
  | 'chain/wrong-chain'
  /** Too few of several RPC endpoints say the same. Retryable: a reorganisation may pass. */
  | 'chain/rpc-disagreement'
  | 'chain/height-not-final'
  | 'chain/height-not-found'
  | 'chain/block-not-canonical'
  | 'chain/state-pruned'
  /** The configured store is not one: no code, or the getter does not answer. Absence must not be read from it. */
  | 'chain/not-a-router'
  | 'chain/client-not-found'
  | 'chain/not-an-attestation-client'
  | 'chain/tx-not-found'
  | 'chain/tx-failed'
  | 'chain/tx-too-large'
  | 'chain/tx-dropped'
  | 'chain/simulation-failed'
  | 'chain/insufficient-funds'
  | 'chain/invalid-input'
  | 'keystore/invalid'
  | 'keystore/wrong-password'
  | 'keystore/unsupported';

/** Error of a chain adapter or a signer. */
export class ChainError extends AttestationError<ChainErrorCode> {}

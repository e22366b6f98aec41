import type { Address } from '@interchain-attestation/core';

/** What a client holds against a call. Facts only: how a chain names it is up to the policy. */
export type Fault =
  | { readonly code: 'client-not-found' }
  | { readonly code: 'client-not-active'; readonly status: 'Frozen' | 'Unknown' }
  | { readonly code: 'client-frozen' }
  | { readonly code: 'unauthorized'; readonly account: Address }
  | { readonly code: 'no-attestors' }
  | { readonly code: 'quorum-out-of-range'; readonly minRequiredSigs: number; readonly attestors: number }
  | { readonly code: 'duplicate-attestor'; readonly attestor: Address }
  | { readonly code: 'attestor-invalid'; readonly text: string }
  | { readonly code: 'timestamp-zero' }
  | { readonly code: 'value-empty' }
  | { readonly code: 'value-malformed'; readonly bytes: number }
  | { readonly code: 'path-length'; readonly expected: number; readonly got: number }
  | { readonly code: 'path-empty' }
  | { readonly code: 'message-invalid'; readonly reason: string }
  | { readonly code: 'consensus-not-found'; readonly height: bigint }
  | { readonly code: 'proof-malformed'; readonly reason: string }
  | { readonly code: 'data-malformed'; readonly reason: string }
  | { readonly code: 'signatures-empty' }
  | { readonly code: 'threshold-not-met'; readonly got: number; readonly required: number }
  | { readonly code: 'signature-length'; readonly index: number; readonly signature: Uint8Array }
  | { readonly code: 'signature-high-s'; readonly index: number; readonly s: Uint8Array }
  | { readonly code: 'signature-invalid'; readonly index: number; readonly signature: Uint8Array }
  | { readonly code: 'unknown-signer'; readonly index: number; readonly signer: Address }
  | { readonly code: 'duplicate-signer'; readonly index: number; readonly signer: Address }
  | { readonly code: 'height-mismatch'; readonly expected: bigint; readonly got: bigint }
  | { readonly code: 'packets-empty' }
  | { readonly code: 'not-member' }
  | { readonly code: 'not-non-member' }
  | { readonly code: 'not-verified-here'; readonly height: bigint; readonly pathHash: Uint8Array }
  | { readonly code: 'state-invalid'; readonly height: bigint; readonly timestampSec: bigint }
  | { readonly code: 'feature-not-supported'; readonly feature: 'misbehaviour' | 'recover' | 'upgrade' };

export type FaultCode = Fault['code'];

/** How a Cosmos chain numbers an error. A panic is `sdk` 111222, as the SDK reports what it recovers from. */
export interface AbciError {
  readonly codespace: string;
  readonly code: number;
}

/** How a chain reports a fault, in the chain's own terms. */
export interface ChainError {
  /**
   * For Solidity the custom error's name, null when the call reverts without data; for ibc-go the name under which the
   * error is registered.
   */
  readonly errorName: string | null;
  /** For Solidity the error's arguments as viem decodes them: small integers as number, others as bigint, bytes as hex. */
  readonly args: readonly (string | number | bigint)[];
  /** For ibc-go only. */
  readonly abci?: AbciError;
}

/** The client says no. */
export interface Rejection extends ChainError {
  readonly ok: false;
  /** The same under every policy. */
  readonly code: FaultCode;
  readonly fault: Fault;
  /** For people. */
  readonly message: string;
}

/** What a client says about a call: a value, never an exception. */
export type Verdict<T extends object = object> = ({ readonly ok: true } & T) | Rejection;

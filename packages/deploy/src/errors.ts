import { AttestationError, type ErrorOptions } from '@interchain-attestation/core';

export type DeployErrorCode =
  /** What is on chain, in the manifest and in the configuration do not agree. `details` lists each field. */
  | 'deploy/conflict'
  /** The manifest cannot be read as one. */
  | 'deploy/manifest-invalid'
  /** Another deployment of the same chain is running. */
  | 'deploy/locked'
  /** The chain lacks what the contracts need (EIP-1153, EIP-5656). */
  | 'deploy/chain-unsupported'
  /** A step needs one that has not been done, for example a client before the router. */
  | 'deploy/not-deployed'
  /** The account may not do this: the rights were handed over. */
  | 'deploy/missing-role'
  | 'deploy/insufficient-funds'
  /** A transaction would fail or failed. */
  | 'deploy/transaction-failed'
  /** A transaction was sent and not mined in time. Run again: it is looked for first. */
  | 'deploy/not-mined'
  /** The chain does not answer. */
  | 'deploy/unavailable'
  /** Too few attestors signed the initial state. */
  | 'deploy/quorum-unreachable'
  | 'deploy/invalid-input';

/** One field in which two sides differ. */
export interface Difference {
  /** Dotted, for example `client.attestors[2]`. */
  readonly field: string;
  /** What the configuration, or this program, asks for. */
  readonly wanted: string;
  readonly found: string;
  /** Where `found` stands: `chain` or `manifest`. */
  readonly where: 'chain' | 'manifest';
}

/** A deployment that did not happen, or not fully: what happened stands in the manifest, and the next run goes on. */
export class DeployError extends AttestationError<DeployErrorCode> {
  readonly details: readonly Difference[];

  constructor(
    code: DeployErrorCode,
    message: string,
    options: ErrorOptions & { details?: readonly Difference[] } = {},
  ) {
    super(code, message, options);
    this.details = options.details ?? [];
  }
}

/** @throws DeployError `deploy/conflict` when there is any difference */
export const assertNoDifference = (what: string, details: readonly Difference[]): void => {
  if (details.length === 0) return;
  const [first] = details;
  const rest = details.length === 1 ? '' : `, and ${details.length - 1} more`;
  const text = first === undefined ? '' : `${first.field} is ${first.found} (${first.where}), wanted ${first.wanted}`;
  throw new DeployError('deploy/conflict', `${what}: ${text}${rest}`, { details });
};

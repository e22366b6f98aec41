import { AttestationError } from '@interchain-attestation/core';

/** Errors that the command line itself finds. */
export type CliErrorCode =
  /** Arguments that do not go together, or a value that cannot be read. */
  | 'cli/usage'
  /** No password in the configuration or the environment, and nobody to ask. */
  | 'cli/password-missing'
  /** The words of a signer are not where the file says they are. */
  | 'cli/mnemonic-missing'
  /** The command has no meaning for a chain of this kind. */
  | 'cli/not-applicable'
  /** The file exists and would be overwritten. */
  | 'cli/file-exists'
  | 'cli/file-unreadable'
  /** A service of this machine or another does not answer. */
  | 'cli/unavailable'
  | 'cli/not-found'
  | 'cli/interrupted'
  /** A process that the demo or a run depends on ended. */
  | 'cli/child-exited'
  /** The question was answered, with no. */
  | 'cli/verdict'
  /** A bug: an error without a code. */
  | 'cli/internal';

export class CliError extends AttestationError<CliErrorCode> {}

import { AttestationError } from '@interchain-attestation/core';

/** Codes of the errors that the guard throws. */
export type GuardErrorCode =
  /** There is no guard file and the caller did not ask for a new one. */
  | 'guard/missing'
  /** A guard file exists where a new one was asked for. */
  | 'guard/exists'
  /** Another process, or another guard object of this one, holds the guard. */
  | 'guard/locked'
  /** Truncated, overwritten or internally inconsistent. */
  | 'guard/damaged'
  /** A database, but not one of a guard. */
  | 'guard/not-a-guard'
  /** Written by a newer program, or by one so old that its records cannot be carried over. */
  | 'guard/unsupported-version'
  /** A copy of a guard, or one restored from a backup: newer records may exist elsewhere. */
  | 'guard/copied'
  /** Exported: another host may sign now. */
  | 'guard/moved'
  /** The guard belongs to another signing key. */
  | 'guard/wrong-key'
  /** The guard belongs to another chain or store. */
  | 'guard/wrong-source'
  /** Disk full, input/output error: nothing was recorded, and the guard stays shut until it is opened anew. */
  | 'guard/storage-failed'
  | 'guard/closed'
  /** Statement, option or import that is not well-formed. */
  | 'guard/invalid-input'
  /** The import contradicts the records of the guard it should be merged with: the key has equivocated. */
  | 'guard/import-conflict';

/** Error of the signing guard. Whatever the code: do not sign. */
export class GuardError extends AttestationError<GuardErrorCode> {}

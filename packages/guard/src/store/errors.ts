import { isAttestationError } from '@interchain-attestation/core';
import { GuardError } from '../errors.ts';

const codeOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';

/** True when SQLite could not take a lock that somebody else holds. */
export const isBusy = (cause: unknown): boolean => codeOf(cause).startsWith('SQLITE_BUSY');

/** Gives a failure of SQLite or the file system its guard code; errors of this project stay as they are. */
export const toGuardError = (cause: unknown, path: string): GuardError => {
  if (cause instanceof GuardError) return cause;
  const code = codeOf(cause);
  const meta = { path, cause: code };
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) {
    return new GuardError('guard/damaged', `guard ${path} is damaged: ${code}`, { cause, meta });
  }
  if (isAttestationError(cause)) return new GuardError('guard/invalid-input', cause.message, { cause, meta });
  const text = cause instanceof Error ? cause.message : String(cause);
  return new GuardError('guard/storage-failed', `guard ${path} cannot be read or written: ${text}`, { cause, meta });
};

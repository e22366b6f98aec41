import Database from 'better-sqlite3';
import { GuardError } from '../errors.ts';
import { isBusy, toGuardError } from './errors.ts';
import type { GuardFiles } from './files.ts';

/** Held until released or the process ends, however it ends: the kernel drops it. */
export interface GuardLock {
  release(): void;
}

/**
 * Takes the guard for this process. Node has no file locks of its own, SQLite has: an exclusive transaction on an empty
 * database. It stands beside the main file so that `guardStatus` can read that one meanwhile. Whoever deletes the lock
 * file gains nothing: the session in table `turn` fences off the first process at its next transaction.
 * @throws GuardError `guard/locked`, `guard/storage-failed`
 */
export const lockGuard = (files: GuardFiles): GuardLock => {
  let db: Database.Database | undefined;
  try {
    db = new Database(files.lock, { timeout: 0 });
    db.pragma('journal_mode = MEMORY');
    db.exec('begin exclusive');
  } catch (cause) {
    db?.close();
    if (!isBusy(cause)) throw toGuardError(cause, files.lock);
    throw new GuardError('guard/locked', `guard ${files.main} is held by another process`, {
      cause,
      retryable: true,
      meta: { path: files.main },
    });
  }
  const held = db;
  return { release: () => void held.close() };
};

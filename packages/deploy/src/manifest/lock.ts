import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { DeployError } from '../errors.ts';

/** The locks of this process. A database that nothing refers to any more is closed, and would drop its lock. */
const locks = new Set<Database.Database>();

const take = (file: string, lock: string): Database.Database => {
  let db: Database.Database | undefined;
  try {
    db = new Database(lock, { timeout: 0 });
    db.pragma('journal_mode = MEMORY');
    db.exec('begin exclusive');
    return db;
  } catch (cause) {
    db?.close();
    const { code = '' } = cause as { code?: string };
    const isBusy = code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
    if (isBusy) {
      const text = `another deployment works on ${file} (lock ${lock})`;
      throw new DeployError('deploy/locked', text, { cause, retryable: true, meta: { file } });
    }
    throw new DeployError('deploy/manifest-invalid', `${lock}: ${(cause as Error).message}`, { cause, meta: { file } });
  }
};

/**
 * Runs `task` as the only deployment of this manifest on this machine. The kernel holds the lock, through SQLite since Node
 * has no file locks, and drops it however the process ends; it also holds between containers, which do not see each
 * other's processes. The file beside the manifest stays: to delete it would let two runs lock two files of one name.
 * @throws DeployError `deploy/locked`
 */
export const withLock = async <T>(file: string, task: () => Promise<T>): Promise<T> => {
  const lock = `${resolve(file)}.lock`;
  await mkdir(dirname(lock), { recursive: true });
  const held = take(file, lock);
  locks.add(held);
  try {
    return await task();
  } finally {
    locks.delete(held);
    held.close();
  }
};

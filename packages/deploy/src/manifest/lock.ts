import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DeployError } from '../errors.ts';

/** Locks of this process: one on disk with its number that is not here is of a run before it, as in a container. */
const own = new Set<string>();
const MAX_ATTEMPTS = 5;
/** A lock is empty for the moment between its making and its writing. */
const EMPTY_MS = 10_000;

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

const locked = (file: string, holder: string): DeployError => {
  const text = `another deployment works on ${file} (process ${holder || 'unknown'}; lock ${file}.lock)`;
  return new DeployError('deploy/locked', text, { retryable: true, meta: { file, pid: Number(holder) } });
};

const take = async (lock: string): Promise<boolean> => {
  try {
    await writeFile(lock, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
};

const isRunning = (pid: number): boolean => {
  if (pid === process.pid || !(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
};

/** Takes away the lock of a process that is gone. One that was taken since it was looked at is put back. */
const removeStale = async (lock: string, holder: string): Promise<void> => {
  const aside = `${lock}.${randomUUID()}`;
  await rename(lock, aside);
  if ((await readFile(aside, 'utf8')) === holder) await rm(aside);
  else await rename(aside, lock);
};

const acquire = async (file: string, lock: string): Promise<void> => {
  let holder = '';
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (await take(lock)) return;
    try {
      holder = await readFile(lock, 'utf8');
      const isFresh = holder === '' && Date.now() - (await stat(lock)).mtimeMs < EMPTY_MS;
      if (isFresh || isRunning(Number(holder))) break;
      await removeStale(lock, holder);
    } catch (error) {
      // Somebody else removed it meanwhile.
      if (!isCode(error, 'ENOENT')) throw error;
    }
  }
  throw locked(file, holder);
};

/**
 * Runs `task` as the only deployment of this manifest on this machine.
 * A lock whose process is gone is taken over, also where the process now running has its number.
 * @throws DeployError `deploy/locked`
 */
export const withLock = async <T>(file: string, task: () => Promise<T>): Promise<T> => {
  const lock = `${resolve(file)}.lock`;
  if (own.has(lock)) throw locked(file, `${process.pid}`);
  own.add(lock);
  try {
    await mkdir(dirname(lock), { recursive: true });
    await acquire(file, lock);
    try {
      return await task();
    } finally {
      await rm(lock, { force: true });
    }
  } finally {
    own.delete(lock);
  }
};

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Address } from '@interchain-attestation/core';
import type { Database } from 'better-sqlite3';
import { GuardError } from '../errors.ts';
import type { GuardSource } from '../types.ts';
import { openDatabase } from './database.ts';
import { isBusy, toGuardError } from './errors.ts';
import type { FaultHook } from './faults.ts';
import { type GuardFiles, inodeOf } from './files.ts';
import { openJournal } from './journal.ts';
import { type GuardLock, lockGuard } from './lock.ts';
import { assertOwner, type OwnerRow, readOwner, readTurn } from './owner.ts';
import { assertSameFile } from './same-file.ts';
import { readWitness, startWitness, type Witness } from './witness.ts';

/** A guard file in the hands of this process. */
export interface HeldGuard {
  readonly files: GuardFiles;
  readonly db: Database;
  /** The owner row as it was at opening. */
  readonly owner: OwnerRow;
  /**
   * Runs `work` in one transaction under this session. All or nothing, but not yet flushed: nothing may be told to
   * anybody before {@link HeldGuard.flush}.
   * @throws GuardError `guard/storage-failed`, `guard/locked` when another session took over
   */
  commit<T>(work: () => T): T;
  /**
   * Brings what was committed to the disk.
   * @throws GuardError `guard/storage-failed`
   */
  flush(): Promise<void>;
  /** {@link HeldGuard.commit} and flush in one step, for an operator's actions. */
  transact<T>(work: () => T): T;
  close(): void;
}

export interface HoldOptions {
  readonly files: GuardFiles;
  readonly key?: Address | undefined;
  readonly source?: GuardSource | undefined;
  /** Makes the guard when there is none; without it a missing guard is an error. */
  readonly create?: (() => void) | undefined;
  /** An operator said that this copy is the newest record. */
  readonly acceptCopy?: boolean | undefined;
  readonly allowMoved?: boolean | undefined;
  readonly fault: FaultHook;
}

/** Nothing may be left of an earlier guard where a new one is made or expected. */
const assertNoRemains = (files: GuardFiles): void => {
  for (const remains of [files.wal, files.witness]) {
    if (!fs.existsSync(remains)) continue;
    throw new GuardError('guard/damaged', `${remains} is there, but its guard ${files.main} is gone`, {
      meta: { path: files.main },
    });
  }
};

const prepare = (options: HoldOptions): void => {
  const { files } = options;
  if (fs.existsSync(files.main)) return;
  assertNoRemains(files);
  if (options.create === undefined) {
    throw new GuardError('guard/missing', `there is no guard ${files.main}`, { meta: { path: files.main } });
  }
  options.create();
};

const takeOver = (options: HoldOptions, db: Database, lock: GuardLock): HeldGuard => {
  const { files, fault } = options;
  const owner = readOwner(db);
  if (options.key !== undefined && options.source !== undefined) assertOwner(owner, options.key, options.source);
  let { seq } = readTurn(db);
  if (options.acceptCopy !== true) assertSameFile(files, owner, { seq }, readWitness(files));
  if (owner.movedExport !== undefined && options.allowMoved !== true) {
    throw new GuardError('guard/moved', `guard ${files.main} was exported: only the host that imported it may sign`, {
      meta: { path: files.main },
    });
  }
  // The witness first: at its start it may lag behind the database, and must never run ahead of it.
  const witness: Witness = startWitness(files, { guardId: owner.guardId, seq });
  fault('open:witness');
  const session = randomBytes(16);
  try {
    db.transaction(() => {
      db.prepare('update guard set open = 1, inode = ?').run(inodeOf(files.main));
      db.prepare('update turn set session = ?, seq = seq + 1').run(session);
    }).immediate();
    // Into the main file at once: from here on it says that a journal must stand beside it.
    db.pragma('wal_checkpoint(TRUNCATE)');
    fault('open:session');
    seq += 1n;
    witness.write(seq);
  } catch (error) {
    witness.close();
    throw error;
  }

  const begin = db.prepare('begin immediate');
  const commit = db.prepare('commit');
  const rollback = db.prepare('rollback');
  const nextTurn = db.prepare('update turn set seq = seq + 1 where session = ?');
  const journal = openJournal(files.wal);
  const failed = (cause: unknown): GuardError => toGuardError(cause, files.main);
  const commitWork = <T>(work: () => T): T => {
    try {
      begin.run();
      const result = work();
      if (nextTurn.run(session).changes !== 1) {
        throw new GuardError('guard/locked', `another process took over guard ${files.main}`);
      }
      fault('record:before-commit');
      commit.run();
      seq += 1n;
      fault('record:committed');
      return result;
    } catch (cause) {
      if (db.inTransaction) rollback.run();
      throw failed(cause);
    }
  };
  const flushed = (): void => {
    fault('record:flushed');
    witness.write(seq);
    fault('record:witnessed');
  };
  return {
    files,
    db,
    owner,
    commit: commitWork,
    flush: async () => {
      try {
        await journal.flush();
        flushed();
      } catch (cause) {
        throw failed(cause);
      }
    },
    transact: (work) => {
      const result = commitWork(work);
      try {
        journal.flushSync();
        flushed();
        return result;
      } catch (cause) {
        throw failed(cause);
      }
    },
    close: () => {
      try {
        db.prepare('update guard set open = 0 where (select session from turn) = ?').run(session);
        fault('close:marked');
      } finally {
        witness.close();
        journal.close();
        db.close();
        lock.release();
      }
    },
  };
};

/**
 * Closing folds the journal of a process that died into the main file and deletes it. The main file must not ask for it
 * afterwards: the reason for the refusal stays what it was.
 */
const closeRefused = (db: Database): void => {
  try {
    db.exec('update guard set open = 0');
  } catch {
    // Damaged or busy: the next opening says so again.
  } finally {
    db.close();
  }
};

/**
 * Takes a guard file: lock, every check, new session.
 * @throws GuardError `guard/locked`, `guard/missing`, `guard/damaged`, `guard/not-a-guard`,
 * `guard/unsupported-version`, `guard/copied`, `guard/moved`, `guard/wrong-key`, `guard/wrong-source`,
 * `guard/storage-failed`
 */
export const holdGuard = (options: HoldOptions): HeldGuard => {
  const { files } = options;
  const lock = lockGuard(files);
  let db: Database | undefined;
  try {
    prepare(options);
    const hasJournal = fs.existsSync(files.wal);
    db = openDatabase(files.main);
    if (!hasJournal && readOwner(db).open && options.acceptCopy !== true) {
      throw new GuardError('guard/copied', `guard ${files.main} was not closed, and its journal ${files.wal} is gone`, {
        meta: { path: files.main },
      });
    }
    return takeOver(options, db, lock);
  } catch (cause) {
    if (db !== undefined) closeRefused(db);
    lock.release();
    if (isBusy(cause)) {
      throw new GuardError('guard/locked', `guard ${files.main} is in use`, { cause, retryable: true });
    }
    throw toGuardError(cause, files.main);
  }
};

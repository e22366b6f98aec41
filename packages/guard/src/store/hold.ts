import fs from 'node:fs';
import type { Address } from '@interchain-attestation/core';
import type { Database } from 'better-sqlite3';
import { GuardError } from '../errors.ts';
import type { GuardSource } from '../types.ts';
import { openDatabase } from './database.ts';
import { isBusy, toGuardError } from './errors.ts';
import type { FaultHook } from './faults.ts';
import type { GuardFiles } from './files.ts';
import { type GuardLock, lockGuard } from './lock.ts';
import { assertOwner, type OwnerRow, readOwner, readTurn } from './owner.ts';
import { assertSameFile } from './same-file.ts';
import { type Session, startSession } from './session.ts';
import { readWitness } from './witness.ts';

/** A guard file in the hands of this process. */
export interface HeldGuard extends Session {
  readonly files: GuardFiles;
  readonly db: Database;
  /** The owner row as it was at opening. */
  readonly owner: OwnerRow;
  /** Lets go of the file. */
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
  if (options.acceptCopy !== true) assertSameFile(files, owner, readTurn(db), readWitness(files));
  if (owner.movedExport !== undefined && options.allowMoved !== true) {
    throw new GuardError('guard/moved', `guard ${files.main} was exported: only the host that imported it may sign`, {
      meta: { path: files.main },
    });
  }
  const session = startSession(files, db, owner, fault);
  return {
    ...session,
    files,
    db,
    owner,
    close: () => {
      try {
        session.close();
      } finally {
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

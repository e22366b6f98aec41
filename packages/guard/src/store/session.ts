import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { GuardError } from '../errors.ts';
import { toGuardError } from './errors.ts';
import type { FaultHook } from './faults.ts';
import { type GuardFiles, inodeOf } from './files.ts';
import { type Journal, openJournal } from './journal.ts';
import { type OwnerRow, readTurn } from './owner.ts';
import { startWitness, type Witness } from './witness.ts';

/** The right to write, from one opening to the next. */
export interface Session {
  /**
   * Runs `work` in one transaction under this session. All or nothing, but not yet flushed: nothing may be told to
   * anybody before {@link Session.flush}.
   * @throws GuardError `guard/storage-failed`, `guard/locked` when another session took over
   */
  commit<T>(work: () => T): T;
  /**
   * Brings what was committed to the disk.
   * @throws GuardError `guard/storage-failed`
   */
  flush(): Promise<void>;
  /** {@link Session.commit} and flush in one step, for an operator's actions. */
  transact<T>(work: () => T): T;
  close(): void;
}

/** Renews the session in the file, which fences off any earlier one, and says there that the file is in use. */
const claim = (files: GuardFiles, db: Database, session: Uint8Array): Journal => {
  db.transaction(() => {
    db.prepare('update guard set open = 1, inode = ?').run(inodeOf(files.main));
    db.prepare('update turn set session = ?, seq = seq + 1').run(session);
  }).immediate();
  // Into the main file at once, and flushed: from here on it says that a journal must stand beside it.
  db.pragma('wal_checkpoint(TRUNCATE)');
  const journal = openJournal(files.wal);
  journal.flushSync();
  return journal;
};

/** Starts writing. @throws what SQLite and the file system throw */
export const startSession = (files: GuardFiles, db: Database, owner: OwnerRow, fault: FaultHook): Session => {
  let { seq } = readTurn(db);
  // The witness first: at its start it may lag behind the database, and must never run ahead of it.
  const witness: Witness = startWitness(files, { guardId: owner.guardId, seq });
  fault('open:witness');
  const session = randomBytes(16);
  let journal: Journal;
  try {
    journal = claim(files, db, session);
  } catch (error) {
    witness.close();
    throw error;
  }
  fault('open:session');
  seq += 1n;
  witness.write(seq);

  const begin = db.prepare('begin immediate');
  const commit = db.prepare('commit');
  const rollback = db.prepare('rollback');
  const nextTurn = db.prepare('update turn set seq = seq + 1 where session = ?');
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      if (db.inTransaction) rollback.run();
      throw toGuardError(cause, files.main);
    }
  };
  const commitWork = <T>(work: () => T): T =>
    guarded(() => {
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
    });
  const flushed = (): void => {
    fault('record:flushed');
    witness.write(seq);
    fault('record:witnessed');
  };
  return {
    commit: commitWork,
    flush: async () => {
      try {
        await journal.flush();
        flushed();
      } catch (cause) {
        throw toGuardError(cause, files.main);
      }
    },
    transact: (work) => {
      const result = commitWork(work);
      guarded(() => {
        journal.flushSync();
        flushed();
      });
      return result;
    },
    close: () => {
      try {
        db.prepare('update guard set open = 0 where (select session from turn) = ?').run(session);
        fault('close:marked');
      } finally {
        witness.close();
        journal.close();
      }
    },
  };
};

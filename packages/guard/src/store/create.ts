import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Address } from '@interchain-attestation/core';
import Database from 'better-sqlite3';
import type { GuardSource } from '../types.ts';
import type { FaultHook } from './faults.ts';
import { type GuardFiles, inodeOf, syncDirectory } from './files.ts';
import { insertOwner } from './owner.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** What a new guard starts with. */
export interface NewGuard {
  readonly key: Address;
  readonly source: GuardSource;
  readonly nowMs: number;
  readonly action: 'create' | 'import';
  readonly reason: string;
  /** Rows to start with, written before the guard becomes visible under its name. */
  readonly fill?: ((db: Database.Database) => void) | undefined;
}

/**
 * Makes a guard in one step: the file appears under its name only when it is complete and on disk, so a process that
 * dies on the way leaves nothing that could be taken for a guard. The caller holds the lock and saw no guard there.
 */
export const createDatabase = (files: GuardFiles, guard: NewGuard, fault: FaultHook): void => {
  const temporary = `${files.main}.new`;
  for (const leftover of [temporary, `${temporary}-journal`, `${temporary}-wal`, `${temporary}-shm`]) {
    fs.rmSync(leftover, { force: true });
  }
  fs.closeSync(fs.openSync(temporary, 'wx', 0o600));
  const db = new Database(temporary);
  try {
    db.defaultSafeIntegers(true);
    db.pragma('synchronous = FULL');
    db.transaction(() => {
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${SCHEMA_VERSION}`);
      db.exec(SCHEMA);
      insertOwner(db, { ...guard, guardId: randomBytes(16), inode: inodeOf(temporary) });
      db.prepare('insert into turn (id, session, seq) values (1, ?, 0)').run(randomBytes(16));
      db.prepare('insert into operator_log (at_ms, action, reason) values (?, ?, ?)').run(
        guard.nowMs,
        guard.action,
        guard.reason,
      );
      guard.fill?.(db);
    })();
  } finally {
    db.close();
  }
  fault('create:written');
  fs.renameSync(temporary, files.main);
  syncDirectory(path.dirname(files.main));
  fault('create:renamed');
};

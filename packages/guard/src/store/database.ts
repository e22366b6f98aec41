import fs from 'node:fs';
import Database from 'better-sqlite3';
import { GuardError } from '../errors.ts';
import { sizeOf } from './files.ts';
import { APPLICATION_ID, MIGRATIONS, OLDEST_VERSION, SCHEMA_VERSION } from './schema.ts';

const HEADER = 'SQLite format 3\0';

const damaged = (path: string, why: string): GuardError =>
  new GuardError('guard/damaged', `guard ${path} is damaged: ${why}`, { meta: { path } });

/** The header names the number of pages: a file that was cut short is told before anything trusts it. */
const assertWhole = (path: string): void => {
  const size = sizeOf(path);
  const header = Buffer.alloc(100);
  const fd = fs.openSync(path, 'r');
  try {
    fs.readSync(fd, header, 0, 100, 0);
  } finally {
    fs.closeSync(fd);
  }
  if (size < 100 || header.toString('latin1', 0, 16) !== HEADER) throw damaged(path, 'not a whole SQLite file');
  const rawPageSize = header.readUInt16BE(16);
  const pageSize = rawPageSize === 1 ? 65_536 : rawPageSize;
  if (pageSize === 0 || size % pageSize !== 0) throw damaged(path, `${size} bytes are not whole pages of ${pageSize}`);
};

const migrate = (db: Database.Database, path: string): void => {
  const id = db.pragma('application_id', { simple: true });
  if (Number(id) !== APPLICATION_ID) {
    throw new GuardError('guard/not-a-guard', `${path} is not a guard: application id ${id}`, { meta: { path } });
  }
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version < OLDEST_VERSION || version > SCHEMA_VERSION) {
    throw new GuardError(
      'guard/unsupported-version',
      `guard ${path} has version ${version}, this program reads ${OLDEST_VERSION} to ${SCHEMA_VERSION}`,
      { meta: { path, got: version, limit: SCHEMA_VERSION } },
    );
  }
  if (version === SCHEMA_VERSION) return;
  db.transaction(() => {
    for (let step = version; step < SCHEMA_VERSION; step++) MIGRATIONS.get(step)?.(db);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  }).immediate();
};

const assertHealthy = (db: Database.Database, path: string): void => {
  const answers = db.pragma('quick_check(1)') as { quick_check: string }[];
  const first = answers[0]?.quick_check;
  if (first !== 'ok') throw damaged(path, first ?? 'integrity check gave no answer');
};

/**
 * Opens for reading while another process, or this one, may hold the guard. It must not open the file by other means:
 * closing any descriptor of it would drop the locks that SQLite holds on it in this process.
 */
export const openForReading = (path: string): Database.Database => {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 2_000 });
  db.defaultSafeIntegers(true);
  return db;
};

/**
 * Opens the main file for writing, checks every page, and carries an older version forward.
 * @throws GuardError `guard/damaged`, `guard/not-a-guard`, `guard/unsupported-version`
 */
export const openDatabase = (path: string): Database.Database => {
  assertWhole(path);
  const db = new Database(path, { fileMustExist: true, timeout: 1_000 });
  try {
    db.defaultSafeIntegers(true);
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    // Commits are flushed by the journal's own flush; SQLite still flushes around its checkpoints.
    db.pragma('synchronous = NORMAL');
    assertHealthy(db, path);
    migrate(db, path);
    db.pragma('journal_mode = WAL');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

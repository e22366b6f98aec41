import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { RelayerError } from '../errors.ts';
import { migrations } from './migrations.ts';
import type { Database } from './schema.ts';

const isSqliteError = (error: unknown, prefix: string): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith(prefix);

/** Longer statements are lists of values, hardly two of one length. */
const MAX_KEPT_CHARS = 2_000;
const MAX_KEPT = 300;

/** The same few questions are asked at every block: compiled once, they cost a third. */
const keepStatements = (sqlite: SqliteDatabase.Database): SqliteDatabase.Database => {
  const compile = sqlite.prepare.bind(sqlite) as (text: string) => SqliteDatabase.Statement;
  const kept = new Map<string, SqliteDatabase.Statement>();
  const prepare = (text: string): SqliteDatabase.Statement => {
    const known = kept.get(text);
    if (known !== undefined && !known.busy) return known;
    const statement = compile(text);
    if (text.length > MAX_KEPT_CHARS) return statement;
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(text, statement);
    return statement;
  };
  return Object.assign(sqlite, { prepare });
};

const openSqlite = (path: string): SqliteDatabase.Database => {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    const sqlite = new SqliteDatabase(path, { timeout: 1_000 });
    // The lock of the file is held for as long as the process lives, and the system drops it with the process:
    // two relayers on one store would each send what the other has sent.
    sqlite.pragma('locking_mode = EXCLUSIVE');
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = FULL');
    sqlite.exec('BEGIN EXCLUSIVE; COMMIT');
    return keepStatements(sqlite);
  } catch (cause) {
    if (isSqliteError(cause, 'SQLITE_BUSY')) {
      throw new RelayerError('relayer/store-locked', `another process has the store open: ${path}`, {
        cause,
        meta: { path },
      });
    }
    throw new RelayerError('relayer/store-unusable', `cannot open the store: ${path}`, { cause, meta: { path } });
  }
};

/**
 * Opens the embedded store, takes its lock and brings its tables up to date.
 * @param path a file, or `:memory:`
 * @throws RelayerError `relayer/store-locked`, `relayer/store-unusable`
 */
export const openDatabase = async (path: string): Promise<Kysely<Database>> => {
  const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: openSqlite(path) }) });
  const { error } = await new Migrator({ db, provider: migrations }).migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    throw new RelayerError('relayer/store-unusable', `the store does not take its migrations: ${path}`, {
      cause: error,
      meta: { path },
    });
  }
  return db;
};

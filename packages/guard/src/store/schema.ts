import type { Database } from 'better-sqlite3';

/** Marks a SQLite file as a guard ("IAGD"), PRAGMA application_id. */
export const APPLICATION_ID = 0x49414744;

/** PRAGMA user_version of the tables below. */
export const SCHEMA_VERSION = 1;

/** Oldest version whose records {@link MIGRATIONS} can carry over. */
export const OLDEST_VERSION = 1;

/** Step `n` turns version `n` into `n + 1`. Run in one transaction, so a crash leaves the old version intact. */
export const MIGRATIONS: ReadonlyMap<number, (db: Database) => void> = new Map();

/**
 * Heights, sequences and timestamps are uint64, stored through `toSql`. `moved_export`, `aside_through`, `stopped_by`
 * are null when they do not apply. `turn` changes with every transaction: it fences off a second process.
 */
export const SCHEMA = `
create table guard (
  id integer primary key check (id = 1),
  guard_id blob not null,
  key text not null,
  chain_id text not null,
  genesis blob not null,
  store text not null,
  inode text not null,
  open integer not null,
  moved_export blob,
  floor_height integer not null,
  floor_time integer not null,
  absence_floor_height integer not null,
  absence_floor_time integer not null,
  aside_through integer,
  stopped_by integer
) strict;

create table turn (
  id integer primary key check (id = 1),
  session blob not null,
  seq integer not null
) strict;

create table block (
  height integer primary key,
  hash blob not null,
  parent blob,
  time integer not null
) strict;

create table client (
  id integer primary key,
  name text not null unique
) strict;

create table sent (
  client integer not null,
  seq integer not null,
  height integer not null,
  commitment blob not null,
  primary key (client, seq)
) strict, without rowid;

create table received (
  client integer not null,
  seq integer not null,
  absent_height integer,
  absent_time integer,
  present_height integer,
  timeout integer,
  proven integer not null default 0,
  receipt blob,
  ack blob,
  primary key (client, seq)
) strict, without rowid;

create index received_absent on received (absent_time) where present_height is null;

-- Exports that were made of this guard, merged into it, or merged into what was merged into it.
create table transfer (
  export_id blob primary key
) strict, without rowid;

create table evidence (
  id integer primary key autoincrement,
  at_ms integer not null,
  rule text not null,
  detail text not null,
  data text not null,
  cleared integer not null default 0
) strict;

create table operator_log (
  id integer primary key autoincrement,
  at_ms integer not null,
  action text not null,
  reason text not null
) strict;
`;

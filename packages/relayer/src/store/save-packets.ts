import { type Kysely, sql } from 'kysely';
import type { PacketRecord } from '../domain/packet-record.ts';
import { recordToRow } from './rows.ts';
import type { Database } from './schema.ts';

/** A record before and after a change; `before` is absent for a packet seen for the first time. */
export interface PacketChange {
  readonly before?: PacketRecord;
  readonly after: PacketRecord;
}

type Row = ReturnType<typeof recordToRow>;
type Column = keyof Row;

const KEY: readonly Column[] = ['source_chain_id', 'source_client_id', 'sequence'];
/** Rows of one statement: 40 columns of them stay below the 32,766 parameters that SQLite takes. */
const CHUNK = 200;

const chunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, i) => items.slice(i * CHUNK, (i + 1) * CHUNK));

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0);

const changedColumns = (before: Row, after: Row): Column[] =>
  (Object.keys(after) as Column[]).filter((name) => !isSame(before[name], after[name]));

/** Writes only what changed: a column that is set costs every index it stands in, changed or not. */
const update = async (db: Kysely<Database>, columns: readonly Column[], rows: readonly Row[]): Promise<void> => {
  const names = [...KEY, ...columns.filter((name) => !KEY.includes(name))];
  const values = rows.map((row) => sql`(${sql.join(names.map((name) => row[name] ?? null))})`);
  const sets = columns.map((name) => sql`${sql.ref(name)} = ${sql.ref(`v.${name}`)}`);
  const same = KEY.map((name) => sql`${sql.ref(`packets.${name}`)} = ${sql.ref(`v.${name}`)}`);
  await sql`with v(${sql.join(names.map((name) => sql.ref(name)))}) as (values ${sql.join(values)})
    update packets set ${sql.join(sets)} from v where ${sql.join(same, sql` and `)}`.execute(db);
};

/** Stores changed records; call it inside of a transaction. */
export const savePackets = async (
  db: Kysely<Database>,
  changes: readonly PacketChange[],
  nowMs: number,
): Promise<void> => {
  const added: Row[] = [];
  const groups = new Map<string, { readonly columns: readonly Column[]; readonly rows: Row[] }>();
  for (const { before, after } of changes) {
    const row = recordToRow(after, nowMs);
    if (before === undefined) {
      added.push(row);
      continue;
    }
    const columns = changedColumns(recordToRow(before, 0), row);
    const name = columns.join();
    const group = groups.get(name) ?? { columns, rows: [] };
    group.rows.push(row);
    groups.set(name, group);
  }
  for (const part of chunks(added)) await db.insertInto('packets').values(part).execute();
  for (const { columns, rows } of groups.values()) {
    for (const part of chunks(rows)) await update(db, columns, part);
  }
};

import { type Kysely, sql } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';

const FACTS = ['send', 'receive', 'acknowledge', 'timeout'] as const;
const INDEXED: readonly (readonly [string, readonly string[]])[] = [
  ['packets_by_work', ['base', 'route_id', 'source_chain_id', 'step', 'next_attempt_ms']],
  ['packets_by_state', ['state']],
  ['packets_by_expiry', ['dest_chain_id', 'base', 'timeout_sec']],
  ['packets_by_send_height', ['source_chain_id', 'send_height']],
  ['packets_by_receive_height', ['dest_chain_id', 'receive_height']],
  ['packets_by_acknowledge_height', ['source_chain_id', 'acknowledge_height']],
  ['packets_by_timeout_height', ['source_chain_id', 'timeout_height']],
  ...FACTS.map((fact) => [`packets_by_${fact}_tx`, [`${fact}_tx`]] as const),
];

const first: Migration = {
  up: async (db: Kysely<unknown>) => {
    let packets = db.schema
      .createTable('packets')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement());
    for (const name of ['source_chain_id', 'source_client_id', 'sequence', 'route_id', 'dest_chain_id'] as const) {
      packets = packets.addColumn(name, 'text', (column) => column.notNull());
    }
    packets = packets
      .addColumn('dest_client_id', 'text', (column) => column.notNull())
      .addColumn('timeout_sec', 'text', (column) => column.notNull())
      .addColumn('packet', 'blob', (column) => column.notNull())
      .addColumn('base', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull());
    for (const fact of FACTS) {
      packets = packets
        .addColumn(`${fact}_tx`, 'text')
        .addColumn(`${fact}_height`, 'text')
        .addColumn(`${fact}_block`, 'text')
        .addColumn(`${fact}_final`, 'integer', (column) => column.notNull().defaultTo(0));
    }
    await packets
      .addColumn('acknowledgements', 'text')
      .addColumn('expired', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('step', 'text')
      .addColumn('step_tx', 'text')
      .addColumn('failure', 'text')
      .addColumn('waiting', 'text')
      .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('next_attempt_ms', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('times', 'text', (column) => column.notNull())
      .addColumn('updated_ms', 'bigint', (column) => column.notNull())
      .execute();
    await sql`create unique index packets_by_key on packets (source_chain_id, source_client_id, sequence)`.execute(db);
    for (const [name, columns] of INDEXED) {
      await sql`create index ${sql.id(name)} on packets (${sql.join(columns.map((column) => sql.id(column)))})`.execute(
        db,
      );
    }
    await db.schema
      .createTable('cursors')
      .addColumn('chain_id', 'text', (column) => column.primaryKey())
      .addColumn('genesis_hash', 'text', (column) => column.notNull())
      .addColumn('height', 'text', (column) => column.notNull())
      .addColumn('block_hash', 'text', (column) => column.notNull())
      .addColumn('start_height', 'text', (column) => column.notNull())
      .addColumn('start_time_sec', 'text', (column) => column.notNull())
      .addColumn('updated_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('halts')
      .addColumn('route_id', 'text', (column) => column.primaryKey())
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .execute();
  },
};

/** Receives without an acknowledgement, and finished packets by age. */
const second: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema.alterTable('packets').addColumn('accepted_height', 'text').execute();
    // Few packets have one: the others cost this index nothing.
    await sql`create index packets_by_accepted_height on packets (dest_chain_id, accepted_height)
      where accepted_height is not null`.execute(db);
    await sql`create index packets_by_age on packets (base, updated_ms)`.execute(db);
  },
};

/** The newest send of each client, by which those are noticed that a node leaves out. */
const third: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema.alterTable('cursors').addColumn('sends', 'text').execute();
  },
};

/** All migrations, oldest first. A published one is never edited. */
export const migrations: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve({ '001-first': first, '002-accepted-and-age': second, '003-newest-sends': third }),
};

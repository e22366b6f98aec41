import type { Hex } from '@interchain-attestation/core';
import type { Kysely } from 'kysely';
import { type Database, toSqlUint64 } from './schema.ts';

/** Up to where a chain's events are stored. */
export interface Cursor {
  readonly chainId: string;
  readonly genesisHash: Hex;
  /** Highest block whose events are stored; it was final. */
  readonly height: bigint;
  readonly blockHash: Hex;
  /** Events are known from the block after this one on. */
  readonly startHeight: bigint;
  /** Time of block `startHeight`, Unix seconds. */
  readonly startTimeSec: bigint;
  /** The newest send of each client up to this block, where one is known. */
  readonly sends: NewestSends;
}

/** Where the newest send of a client stands, by client. */
export type NewestSends = ReadonlyMap<string, { readonly sequence: bigint; readonly height: bigint }>;

const encodeSends = (sends: NewestSends): string =>
  JSON.stringify([...sends].map(([clientId, { sequence, height }]) => [clientId, `${sequence}`, `${height}`]));

const decodeSends = (text: string): NewestSends =>
  new Map(
    (JSON.parse(text) as readonly (readonly [string, string, string])[]).map(([clientId, sequence, height]) => [
      clientId,
      { sequence: BigInt(sequence), height: BigInt(height) },
    ]),
  );

/** Reads the cursor of a chain; undefined at the first start. */
export const readCursor = async (db: Kysely<Database>, chainId: string): Promise<Cursor | undefined> => {
  const row = await db.selectFrom('cursors').selectAll().where('chain_id', '=', chainId).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    chainId,
    genesisHash: row.genesis_hash as Hex,
    height: BigInt(row.height),
    blockHash: row.block_hash as Hex,
    startHeight: BigInt(row.start_height),
    startTimeSec: BigInt(row.start_time_sec),
    sends: decodeSends(row.sends ?? '[]'),
  };
};

/** Stores from where on the events of a chain are known, and leaves its cursor where it is. */
export const writeStart = async (
  db: Kysely<Database>,
  chainId: string,
  { startHeight, startTimeSec }: Pick<Cursor, 'startHeight' | 'startTimeSec'>,
): Promise<void> => {
  await db
    .updateTable('cursors')
    .set({ start_height: toSqlUint64(startHeight), start_time_sec: toSqlUint64(startTimeSec) })
    .where('chain_id', '=', chainId)
    .execute();
};

/** Stores a cursor, in the caller's transaction where there is one. Its start counts only for a chain that is new. */
export const writeCursor = async (db: Kysely<Database>, cursor: Cursor, nowMs: number): Promise<void> => {
  const row = {
    genesis_hash: cursor.genesisHash,
    height: toSqlUint64(cursor.height),
    block_hash: cursor.blockHash,
    updated_ms: nowMs,
    sends: encodeSends(cursor.sends),
  };
  const start = { start_height: toSqlUint64(cursor.startHeight), start_time_sec: toSqlUint64(cursor.startTimeSec) };
  await db
    .insertInto('cursors')
    .values({ chain_id: cursor.chainId, ...row, ...start })
    .onConflict((conflict) => conflict.column('chain_id').doUpdateSet(row))
    .execute();
};

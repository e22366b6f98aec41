import type { Kysely } from 'kysely';
import type { PacketRecord } from '../domain/packet-record.ts';
import { rowToRecord } from './rows.ts';
import { type Database, toSqlUint64 } from './schema.ts';

export interface PacketFilter {
  readonly states?: readonly string[];
  readonly sourceChainId?: string;
  readonly sourceClientId?: string;
  readonly sequences?: readonly bigint[];
}

/** What operators ask about packets. */
export interface PacketQueries {
  /** Newest first. `nextPage` is absent on the last page. */
  list(filter: PacketFilter, limit: number, page?: number): Promise<{ packets: PacketRecord[]; nextPage?: number }>;
  /** Packets that this transaction sent, received, acknowledged or timed out. */
  byTransaction(txId: string, chainId?: string): Promise<PacketRecord[]>;
  countsByState(): Promise<ReadonlyMap<string, number>>;
}

/** Opens the queries. */
export const createPacketQueries = (db: Kysely<Database>): PacketQueries => ({
  list: async ({ states = [], sourceChainId, sourceClientId, sequences = [] }, limit, page) => {
    let query = db.selectFrom('packets').selectAll();
    if (states.length > 0) query = query.where('state', 'in', states);
    if (sourceChainId !== undefined) query = query.where('source_chain_id', '=', sourceChainId);
    if (sourceClientId !== undefined) query = query.where('source_client_id', '=', sourceClientId);
    if (sequences.length > 0) query = query.where('sequence', 'in', sequences.map(toSqlUint64));
    if (page !== undefined) query = query.where('id', '<', page);
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const packets = shown.map(rowToRecord);
    return rows.length > limit && last !== undefined ? { packets, nextPage: last.id } : { packets };
  },
  byTransaction: async (txId, chainId) => {
    const rows = await db
      .selectFrom('packets')
      .selectAll()
      .where(({ eb, or, and }) => {
        const on = (
          chain: 'source_chain_id' | 'dest_chain_id',
          tx: 'send_tx' | 'receive_tx' | 'acknowledge_tx' | 'timeout_tx',
        ) => (chainId === undefined ? eb(tx, '=', txId) : and([eb(tx, '=', txId), eb(chain, '=', chainId)]));
        return or([
          on('source_chain_id', 'send_tx'),
          on('dest_chain_id', 'receive_tx'),
          on('source_chain_id', 'acknowledge_tx'),
          on('source_chain_id', 'timeout_tx'),
        ]);
      })
      .orderBy('id')
      .execute();
    return rows.map(rowToRecord);
  },
  countsByState: async () => {
    const rows = await db
      .selectFrom('packets')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .groupBy('state')
      .execute();
    return new Map(rows.map(({ state, count }) => [state, Number(count)]));
  },
});

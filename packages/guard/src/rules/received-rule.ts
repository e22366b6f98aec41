import type { Database, Statement } from 'better-sqlite3';
import type { StatementBlock, StatementEntry } from '../statement.ts';
import { BulkInsert } from '../store/bulk-insert.ts';
import { toSql } from '../store/uint64.ts';
import type { ClientIds } from './client-ids.ts';
import type { Objection } from './outcome.ts';
import { judgeReceived } from './received.ts';
import { type AbsenceFloor, type RawReceived, rawToReceived, receivedToRaw } from './received-record.ts';

const COLUMNS = 'absent_height, absent_time, present_height, timeout, proven, receipt, ack';

/**
 * What was stated about the receiving end of a packet: that its receipt is absent, or that the receipt or the
 * acknowledgement is there. Presence is kept for good, absences up to a bound.
 */
export class ReceivedRule {
  readonly #clients: ClientIds;
  readonly #find: Statement<[bigint, bigint], RawReceived>;
  readonly #insert: BulkInsert;
  readonly #replace: Statement<unknown[]>;

  constructor(db: Database, clients: ClientIds) {
    this.#clients = clients;
    this.#find = db.prepare(`select ${COLUMNS} from received where client = ? and seq = ?`);
    const target = `received (client, seq, ${COLUMNS})`;
    this.#insert = new BulkInsert(db, target, 9);
    this.#replace = db.prepare(`insert or replace into ${target} values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  /**
   * Records entries at once, when there is no record of any; false when {@link ReceivedRule.apply} must look at each.
   * All of them are absences, or all are there.
   */
  addAllNew(
    block: StatementBlock,
    entries: readonly StatementEntry[],
    floor: AbsenceFloor,
    countAbsences: (change: number) => void,
  ): boolean {
    const rows: (readonly unknown[])[] = [];
    for (const entry of entries) {
      const fresh = judgeReceived(block, entry, undefined, floor);
      if (!('next' in fresh)) return false;
      rows.push([
        this.#clients.numberOf(entry.path.clientId),
        toSql(entry.path.sequence),
        ...receivedToRaw(fresh.next),
      ]);
    }
    const added = this.#insert.run(rows);
    if (entries[0]?.commitment === undefined) countAbsences(added);
    return added === rows.length;
  }

  /**
   * Records the entry in the open transaction, or says why it may not be stated.
   * @param countAbsences called with the change in the number of records that hold an absence alone
   */
  apply(
    block: StatementBlock,
    entry: StatementEntry,
    floor: AbsenceFloor,
    countAbsences: (change: number) => void,
  ): Objection | undefined {
    const { path, commitment } = entry;
    const client = this.#clients.numberOf(path.clientId);
    const sequence = toSql(path.sequence);
    // Most statements are the first about their packet: one statement of SQL instead of two.
    const fresh = judgeReceived(block, entry, undefined, floor);
    if ('next' in fresh && this.#insert.run([[client, sequence, ...receivedToRaw(fresh.next)]]) === 1) {
      if (commitment === undefined) countAbsences(1);
      return undefined;
    }
    const raw = this.#find.get(client, sequence);
    const record = raw === undefined ? undefined : rawToReceived(raw);
    const judged = judgeReceived(block, entry, record, floor);
    if ('kind' in judged) return judged;
    if (judged.next === record) return undefined;
    if (record?.present === undefined && judged.next.present !== undefined) countAbsences(-1);
    this.#replace.run(client, sequence, ...receivedToRaw(judged.next));
    return undefined;
  }
}

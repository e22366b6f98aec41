import type { Database, Statement } from 'better-sqlite3';
import type { BlockFloor } from './rules/block-rule.ts';
import type { ClientIds } from './rules/client-ids.ts';
import type { AbsenceFloor } from './rules/received-record.ts';
import { fromSql, toSql } from './store/uint64.ts';

interface BlockCut {
  height: bigint;
  time: bigint;
}

interface AbsenceCut {
  client: bigint;
  seq: bigint;
  absent_height: bigint;
  absent_time: bigint;
}

/** Most absences forgotten in one transaction, so that none takes long. */
const MAX_PER_TRANSACTION = 20_000;

const highest = (a: bigint, b: bigint): bigint => {
  if (a > b) return a;
  return b;
};

/** Keeps the file bounded. Each thing forgotten raises the floor that stands for it, in the same transaction. */
export class Pruning {
  readonly #clients: ClientIds;
  readonly #cutBlocks: Statement<[number], BlockCut>;
  readonly #dropBlocks: Statement<[bigint]>;
  readonly #blockFloor: Statement<[bigint, bigint]>;
  readonly #cutAbsences: Statement<[number], AbsenceCut>;
  readonly #dropAbsence: Statement<[bigint, bigint]>;
  readonly #absenceFloor: Statement<[bigint, bigint]>;

  constructor(db: Database, clients: ClientIds) {
    this.#clients = clients;
    this.#cutBlocks = db.prepare('select height, time from block order by height limit 1 offset ?');
    this.#dropBlocks = db.prepare('delete from block where height <= ?');
    this.#blockFloor = db.prepare('update guard set floor_height = ?, floor_time = ?');
    this.#cutAbsences = db.prepare(
      `select client, seq, absent_height, absent_time from received
       where present_height is null order by absent_time limit ?`,
    );
    this.#dropAbsence = db.prepare('delete from received where client = ? and seq = ?');
    this.#absenceFloor = db.prepare('update guard set absence_floor_height = ?, absence_floor_time = ?');
  }

  /** Forgets the `count` lowest blocks; returns the floor that stands for them. */
  dropBlocks(count: number, floor: BlockFloor): BlockFloor {
    const last = this.#cutBlocks.get(count - 1);
    if (last === undefined) return floor;
    this.#dropBlocks.run(last.height);
    const next = { height: fromSql(last.height) + 1n, timeSec: highest(fromSql(last.time), floor.timeSec) };
    this.#blockFloor.run(toSql(next.height), toSql(next.timeSec));
    return next;
  }

  /** Forgets up to `count` of the oldest absences; returns how many, and the floor that stands for them. */
  dropAbsences(count: number, floor: AbsenceFloor): { floor: AbsenceFloor; dropped: number } {
    const rows = this.#cutAbsences.all(Math.min(count, MAX_PER_TRANSACTION));
    let { height, timeSec } = floor;
    const clients = new Set<bigint>();
    for (const row of rows) {
      this.#dropAbsence.run(row.client, row.seq);
      clients.add(row.client);
      height = highest(fromSql(row.absent_height), height);
      timeSec = highest(fromSql(row.absent_time), timeSec);
    }
    this.#absenceFloor.run(toSql(height), toSql(timeSec));
    this.#clients.prune(clients);
    return { floor: { height, timeSec }, dropped: rows.length };
  }
}

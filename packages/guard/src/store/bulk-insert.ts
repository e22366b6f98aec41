import type { Database, Statement } from 'better-sqlite3';

/** Rows of one SQL statement. Measured: from 20 on more rows save nothing, and 20 take half the time of 20 single ones. */
const ROWS = 20;

/** Inserts rows that are most likely new, many in one SQL statement; those whose key is there already are left alone. */
export class BulkInsert {
  readonly #many: Statement<[unknown[]]>;
  readonly #one: Statement<[unknown[]]>;

  /** @param target table and columns: `sent (client, seq)` */
  constructor(db: Database, target: string, columns: number) {
    const row = `(${Array(columns).fill('?').join(', ')})`;
    const prepare = (rows: number): Statement<[unknown[]]> =>
      db.prepare(`insert into ${target} values ${Array(rows).fill(row).join(', ')} on conflict do nothing`);
    this.#many = prepare(ROWS);
    this.#one = prepare(1);
  }

  /** Returns how many rows were new. Call it in the open transaction. */
  run(rows: readonly (readonly unknown[])[]): number {
    let added = 0;
    let at = 0;
    for (; at + ROWS <= rows.length; at += ROWS) added += this.#many.run(rows.slice(at, at + ROWS).flat()).changes;
    for (; at < rows.length; at++) added += this.#one.run([...(rows[at] ?? [])]).changes;
    return added;
  }
}

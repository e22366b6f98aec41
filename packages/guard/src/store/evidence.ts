import type { Database, Statement } from 'better-sqlite3';
import type { ConflictRule } from '../statement.ts';
import type { Evidence } from '../types.ts';

/** Longest JSON kept with one conflict, in characters. */
const MAX_DATA = 65_536;

interface EvidenceRow {
  id: bigint;
  at_ms: bigint;
  rule: string;
  detail: string;
  data: string;
  cleared: bigint;
}

const rowToEvidence = (row: EvidenceRow): Evidence => ({
  id: Number(row.id),
  atMs: Number(row.at_ms),
  rule: row.rule as ConflictRule,
  detail: row.detail,
  data: row.data,
  cleared: row.cleared !== 0n,
});

/** JSON with numbers of any size in decimal and bytes in hex. */
export const toEvidenceJson = (value: unknown): string => {
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return part.toString();
    return part instanceof Uint8Array ? `0x${Buffer.from(part).toString('hex')}` : part;
  });
  return text.length <= MAX_DATA ? text : JSON.stringify({ truncated: text.slice(0, MAX_DATA / 2) });
};

/** Conflicts on record. Append-only but for the bound. */
export class EvidenceStore {
  readonly #insert: Statement<[bigint, string, string, string]>;
  readonly #list: Statement<[number], EvidenceRow>;
  readonly #find: Statement<[number], EvidenceRow>;
  readonly #count: Statement<[], { n: bigint }>;
  readonly #prune: Statement<[bigint]>;
  readonly #max: number;

  constructor(db: Database, max: number) {
    this.#max = max;
    this.#insert = db.prepare('insert into evidence (at_ms, rule, detail, data) values (?, ?, ?, ?)');
    this.#list = db.prepare('select * from evidence order by id desc limit ?');
    this.#find = db.prepare('select * from evidence where id = ?');
    this.#count = db.prepare('select count(*) as n from evidence');
    this.#prune = db.prepare(
      'delete from evidence where id in (select id from evidence where cleared = 1 order by id limit ?)',
    );
  }

  /** Call it in the open transaction. Each conflict needs an operator before the next, so few are ever uncleared. */
  add(atMs: number, rule: ConflictRule, detail: string, data: unknown): number {
    const id = Number(
      this.#insert.run(BigInt(atMs), rule, detail.slice(0, MAX_DATA), toEvidenceJson(data)).lastInsertRowid,
    );
    const excess = this.count() - this.#max;
    if (excess > 0) this.#prune.run(BigInt(excess));
    return id;
  }

  find(id: number): Evidence | undefined {
    const row = this.#find.get(id);
    return row === undefined ? undefined : rowToEvidence(row);
  }

  list(limit: number): readonly Evidence[] {
    return this.#list.all(limit).map(rowToEvidence);
  }

  count(): number {
    return Number(this.#count.get()?.n ?? 0n);
  }
}

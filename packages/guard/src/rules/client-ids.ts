import type { Database, Statement } from 'better-sqlite3';

const MAX_CACHED = 4_096;

/** Gives client ids small numbers, so that a packet record takes few bytes. */
export class ClientIds {
  readonly #cache: Map<string, bigint> = new Map();
  readonly #find: Statement<[string], { id: bigint }>;
  readonly #insert: Statement<[string]>;
  readonly #prune: Statement<[bigint, bigint, bigint]>;

  constructor(db: Database) {
    this.#find = db.prepare('select id from client where name = ?');
    this.#insert = db.prepare('insert into client (name) values (?)');
    this.#prune = db.prepare(
      `delete from client where id = ? and not exists (select 1 from received where client = ?)
       and not exists (select 1 from sent where client = ?)`,
    );
  }

  /** Number of the client, given now if it has none. Call it in the open transaction. */
  numberOf(name: string): bigint {
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached;
    const id = this.#find.get(name)?.id ?? BigInt(this.#insert.run(name).lastInsertRowid);
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(name, id);
    return id;
  }

  /** Forgets clients without records: anybody may ask for the absence of anything under any name. */
  prune(ids: Iterable<bigint>): void {
    for (const id of ids) this.#prune.run(id, id, id);
    this.#cache.clear();
  }

  /** Call it after a roll-back: numbers given since may not exist. */
  forget(): void {
    this.#cache.clear();
  }
}

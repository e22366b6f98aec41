import { bytesToHex } from '@interchain-attestation/core';
import type { Database } from 'better-sqlite3';
import { fromSql } from './store/uint64.ts';
import type { RecordedBlock } from './types.ts';

/** The highest recorded blocks in memory, for the canonicity check and for statements about a block seen before. */
export class RecentBlocks {
  readonly #limit: number;
  readonly #byHeight: Map<bigint, RecordedBlock> = new Map();
  /** Ascending. Replaced, never changed, so that callers may keep it. */
  #ascending: readonly RecordedBlock[];

  constructor(db: Database, limit: number) {
    this.#limit = limit;
    const rows = db
      .prepare<[number], { height: bigint; hash: Buffer; time: bigint }>(
        'select height, hash, time from block order by height desc limit ?',
      )
      .all(limit);
    this.#ascending = rows
      .map((row) => ({ height: fromSql(row.height), hash: bytesToHex(row.hash), timestampSec: fromSql(row.time) }))
      .reverse();
    for (const block of this.#ascending) this.#byHeight.set(block.height, block);
  }

  get highest(): bigint | undefined {
    return this.#ascending.at(-1)?.height;
  }

  at(height: bigint): RecordedBlock | undefined {
    return this.#byHeight.get(height);
  }

  from(height: bigint | undefined): readonly RecordedBlock[] {
    if (height === undefined) return this.#ascending;
    const start = this.#ascending.findIndex((block) => block.height >= height);
    return start < 0 ? [] : this.#ascending.slice(start);
  }

  /** Adds what a transaction has committed, then drops what lies below the floor or beyond the limit. */
  add(blocks: readonly RecordedBlock[], floorHeight: bigint): void {
    const lowest = this.#ascending[0]?.height;
    if (blocks.length === 0 && (lowest === undefined || lowest >= floorHeight)) return;
    for (const block of blocks) this.#byHeight.set(block.height, block);
    const all = [...this.#ascending, ...blocks].sort((a, b) => (a.height < b.height ? -1 : 1));
    const kept = all.slice(-this.#limit).filter((block) => block.height >= floorHeight);
    const first = kept[0]?.height;
    for (const { height } of all) if (first === undefined || height < first) this.#byHeight.delete(height);
    this.#ascending = kept;
  }
}

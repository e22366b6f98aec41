import { bytesToHex } from '@interchain-attestation/core';
import type { Database } from 'better-sqlite3';
import { fromSql } from './store/uint64.ts';
import type { RecordedBlock } from './types.ts';

/** The highest recorded blocks in memory, for the canonicity check and for statements about a block seen before. */
export class RecentBlocks {
  readonly #limit: number;
  readonly #byHeight: Map<bigint, RecordedBlock> = new Map();
  /** Ascending. */
  readonly #blocks: RecordedBlock[];
  /** What callers were given; made anew after a change, never changed itself. */
  #given: readonly RecordedBlock[] | undefined;

  constructor(db: Database, limit: number) {
    this.#limit = limit;
    const rows = db
      .prepare<[number], { height: bigint; hash: Buffer; time: bigint }>(
        'select height, hash, time from block order by height desc limit ?',
      )
      .all(limit);
    this.#blocks = rows
      .map((row) => ({ height: fromSql(row.height), hash: bytesToHex(row.hash), timestampSec: fromSql(row.time) }))
      .reverse();
    for (const block of this.#blocks) this.#byHeight.set(block.height, block);
  }

  get highest(): bigint | undefined {
    return this.#blocks.at(-1)?.height;
  }

  at(height: bigint): RecordedBlock | undefined {
    return this.#byHeight.get(height);
  }

  from(height: bigint | undefined): readonly RecordedBlock[] {
    this.#given ??= [...this.#blocks];
    return height === undefined ? this.#given : this.#given.slice(this.#indexFrom(height));
  }

  /** Adds what a transaction has committed, then drops what lies below the floor or beyond the limit. */
  add(blocks: readonly RecordedBlock[], floorHeight: bigint): void {
    for (const block of blocks) this.#insert(block);
    const belowFloor = this.#indexFrom(floorHeight);
    const dropped = Math.max(belowFloor, this.#blocks.length - this.#limit);
    if (blocks.length === 0 && dropped === 0) return;
    for (const { height } of this.#blocks.splice(0, dropped)) this.#byHeight.delete(height);
    this.#given = undefined;
  }

  #insert(block: RecordedBlock): void {
    this.#blocks.splice(this.#indexFrom(block.height), 0, block);
    this.#byHeight.set(block.height, block);
  }

  /** Index of the first block at or above a height; most are asked for above all others or below them. */
  #indexFrom(height: bigint): number {
    const blocks = this.#blocks;
    let from = 0;
    let to = blocks.length;
    if (to === 0 || height <= (blocks[0]?.height ?? 0n)) return 0;
    if (height > (blocks[to - 1]?.height ?? 0n)) return to;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((blocks[middle]?.height ?? 0n) < height) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

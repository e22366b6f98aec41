import { bytesToHex, type Hex } from '@interchain-attestation/core';
import type { Database, Statement } from 'better-sqlite3';
import type { ConflictRule, StatementBlock } from '../statement.ts';
import { fromSql, toSql } from '../store/uint64.ts';
import { type Objection, refusal } from './outcome.ts';

interface BlockRow {
  height: bigint;
  hash: Buffer;
  parent: Buffer | null;
  time: bigint;
}

/** Below these nothing is signed; see the limits. */
export interface BlockFloor {
  readonly height: bigint;
  /** Highest timestamp among the records that the floor replaced. */
  readonly timeSec: bigint;
}

const hexToBuffer = (hex: Hex): Buffer => Buffer.from(hex.slice(2), 'hex');

/** One hash and one time for each height, times in the order of heights, parents where both are known. */
export class BlockRule {
  readonly #at: Statement<[bigint], BlockRow>;
  readonly #below: Statement<[bigint], BlockRow>;
  readonly #above: Statement<[bigint], BlockRow>;
  readonly #insert: Statement<[bigint, Buffer, Buffer | null, bigint]>;

  constructor(db: Database) {
    const columns = 'select height, hash, parent, time from block';
    this.#at = db.prepare(`${columns} where height = ?`);
    this.#below = db.prepare(`${columns} where height < ? order by height desc limit 1`);
    this.#above = db.prepare(`${columns} where height > ? order by height limit 1`);
    this.#insert = db.prepare('insert into block (height, hash, parent, time) values (?, ?, ?, ?)');
  }

  /** Records the block in the open transaction, unless it is known already or may not be stated. */
  apply(block: StatementBlock, floor: BlockFloor): Objection | 'recorded' | 'known' {
    if (block.height < floor.height) {
      return refusal('below-floor', `height ${block.height} is below the floor ${floor.height}`);
    }
    const key = toSql(block.height);
    const known = this.#at.get(key);
    if (known !== undefined) return this.#compare(block, known);
    if (block.timestampSec < floor.timeSec) {
      return refusal('below-floor', `timestamp ${block.timestampSec} is below the floor ${floor.timeSec}`);
    }
    const objection = this.#checkBelow(block, this.#below.get(key)) ?? this.#checkAbove(block, this.#above.get(key));
    if (objection !== undefined) return objection;
    const parent = block.parentHash === undefined ? null : hexToBuffer(block.parentHash);
    this.#insert.run(key, hexToBuffer(block.hash), parent, toSql(block.timestampSec));
    return 'recorded';
  }

  #compare(block: StatementBlock, row: BlockRow): Objection | 'known' {
    if (bytesToHex(row.hash) !== block.hash) return contradiction('block-hash', block, row);
    // The hash commits to the parent: no need to compare that as well.
    return fromSql(row.time) === block.timestampSec ? 'known' : contradiction('block-timestamp', block, row);
  }

  #checkBelow(block: StatementBlock, row: BlockRow | undefined): Objection | undefined {
    if (row === undefined) return undefined;
    if (fromSql(row.time) > block.timestampSec) return contradiction('timestamp-order', block, row);
    const isParent = fromSql(row.height) + 1n === block.height && block.parentHash !== undefined;
    return isParent && bytesToHex(row.hash) !== block.parentHash
      ? contradiction('block-parent', block, row)
      : undefined;
  }

  #checkAbove(block: StatementBlock, row: BlockRow | undefined): Objection | undefined {
    if (row === undefined) return undefined;
    if (fromSql(row.time) < block.timestampSec) return contradiction('timestamp-order', block, row);
    const isChild = fromSql(row.height) === block.height + 1n && row.parent !== null;
    return isChild && row.parent !== null && bytesToHex(row.parent) !== block.hash
      ? contradiction('block-parent', block, row)
      : undefined;
  }
}

const contradiction = (rule: ConflictRule, block: StatementBlock, row: BlockRow): Objection => {
  const recordHeight = fromSql(row.height);
  const recorded = `height ${recordHeight} hash ${bytesToHex(row.hash)} time ${fromSql(row.time)}`;
  const claimed = `height ${block.height} hash ${block.hash} time ${block.timestampSec}`;
  return {
    kind: 'contradiction',
    rule,
    detail: `recorded ${recorded}, now told ${claimed}`,
    recordHeight,
    data: {
      recordedHeight: recordHeight.toString(),
      recordedHash: bytesToHex(row.hash),
      recordedParentHash: row.parent === null ? '' : bytesToHex(row.parent),
      recordedTimestampSec: fromSql(row.time).toString(),
    },
  };
};

import { type Address, bytesToHex } from '@interchain-attestation/core';
import type { Database } from 'better-sqlite3';
import { GuardError } from '../errors.ts';
import type { GuardSource } from '../types.ts';
import { fromSql, toSql } from './uint64.ts';

/** Whose guard it is and how it stands: the single row of table `guard`. */
export interface OwnerRow {
  readonly guardId: Uint8Array;
  readonly key: Address;
  readonly source: GuardSource;
  readonly inode: string;
  /** True while a process uses it: then the newest records may be in the journal alone. */
  readonly open: boolean;
  readonly movedExport: Uint8Array | undefined;
  readonly floorHeight: bigint;
  readonly floorTimeSec: bigint;
  readonly absenceFloorHeight: bigint;
  readonly absenceFloorSec: bigint;
  readonly asideThrough: bigint | undefined;
  readonly stoppedBy: number | undefined;
}

interface RawOwner {
  guard_id: Buffer;
  key: string;
  chain_id: string;
  genesis: Buffer;
  store: string;
  inode: string;
  open: bigint;
  moved_export: Buffer | null;
  floor_height: bigint;
  floor_time: bigint;
  absence_floor_height: bigint;
  absence_floor_time: bigint;
  aside_through: bigint | null;
  stopped_by: bigint | null;
}

/** @throws GuardError `guard/damaged` when the row is missing */
export const readOwner = (db: Database): OwnerRow => {
  const row = db.prepare<[], RawOwner>('select * from guard').get();
  if (row === undefined) throw new GuardError('guard/damaged', 'guard file names no owner');
  return {
    guardId: row.guard_id,
    key: row.key as Address,
    source: { chainId: row.chain_id, genesisHash: bytesToHex(row.genesis), store: row.store },
    inode: row.inode,
    open: row.open !== 0n,
    movedExport: row.moved_export ?? undefined,
    floorHeight: fromSql(row.floor_height),
    floorTimeSec: fromSql(row.floor_time),
    absenceFloorHeight: fromSql(row.absence_floor_height),
    absenceFloorSec: fromSql(row.absence_floor_time),
    asideThrough: row.aside_through === null ? undefined : fromSql(row.aside_through),
    stoppedBy: row.stopped_by === null ? undefined : Number(row.stopped_by),
  };
};

/** Writes the row of a new guard. Floors start at zero: everything may be signed. */
export const insertOwner = (
  db: Database,
  owner: { guardId: Uint8Array; key: Address; source: GuardSource; inode: string },
): void => {
  const zero = toSql(0n);
  db.prepare(
    `insert into guard (id, guard_id, key, chain_id, genesis, store, inode, open,
       floor_height, floor_time, absence_floor_height, absence_floor_time) values (1, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)`,
  ).run(
    owner.guardId,
    owner.key,
    owner.source.chainId,
    Buffer.from(owner.source.genesisHash.slice(2), 'hex'),
    owner.source.store,
    owner.inode,
    zero,
    zero,
    zero,
    zero,
  );
};

/** @throws GuardError `guard/wrong-key`, `guard/wrong-source` */
export const assertOwner = (owner: Pick<OwnerRow, 'key' | 'source'>, key: Address, source: GuardSource): void => {
  if (owner.key !== key) {
    throw new GuardError('guard/wrong-key', `guard belongs to key ${owner.key}, not ${key}`, {
      meta: { expected: owner.key, got: key },
    });
  }
  for (const field of ['chainId', 'genesisHash', 'store'] as const) {
    if (owner.source[field] === source[field]) continue;
    throw new GuardError(
      'guard/wrong-source',
      `key ${key} attests ${field} ${owner.source[field]}, not ${source[field]}: one key, one source`,
      { meta: { field, expected: owner.source[field], got: source[field] } },
    );
  }
};

/** Who may write: renewed by every opening, counted up by every transaction. */
export interface Turn {
  readonly session: Uint8Array;
  readonly seq: bigint;
}

/** @throws GuardError `guard/damaged` */
export const readTurn = (db: Database): Turn => {
  const turn = db.prepare<[], { session: Buffer; seq: bigint }>('select session, seq from turn').get();
  if (turn === undefined) throw new GuardError('guard/damaged', 'guard file has no turn');
  return turn;
};

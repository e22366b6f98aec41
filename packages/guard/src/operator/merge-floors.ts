import type { Database } from 'better-sqlite3';
import type { OwnerRow } from '../store/owner.ts';
import { fromSql, toSql } from '../store/uint64.ts';
import type { ExportHeader } from './export-format.ts';
import { equivocation } from './merge.ts';

const higher = (a: bigint, b: bigint): bigint => {
  if (a > b) return a;
  return b;
};

/** Neighbouring blocks must agree after two guards were joined, as they do within each. */
const assertBlocksAgree = (db: Database, floorTimeSec: bigint): void => {
  const times = db
    .prepare<[], { height: bigint }>(
      `select height from (select height, time, lag(time) over (order by height) as before from block)
       where before > time limit 1`,
    )
    .get();
  if (times !== undefined) throw equivocation(`the timestamp falls at height ${fromSql(times.height)}`);
  const parents = db
    .prepare<[], { height: bigint }>(
      `select child.height as height from block child join block parent on parent.height = child.height - 1
       where child.parent is not null and child.parent <> parent.hash limit 1`,
    )
    .get();
  if (parents !== undefined) throw equivocation(`height ${fromSql(parents.height)} has another parent`);
  const lowest = db.prepare<[], { time: bigint | null }>('select min(time) as time from block').get()?.time;
  if (lowest !== null && lowest !== undefined && fromSql(lowest) < floorTimeSec) {
    throw equivocation(`a timestamp above the floor lies before the floor's, ${floorTimeSec}`);
  }
};

/** Raises every floor to the higher of both, and drops the blocks below it. */
export const mergeFloors = (db: Database, owner: OwnerRow, header: ExportHeader): void => {
  const floorHeight = higher(owner.floorHeight, header.floorHeight);
  const dropped = db
    .prepare<[bigint], { time: bigint | null }>('select max(time) as time from block where height < ?')
    .get(toSql(floorHeight))?.time;
  const droppedTime = dropped === null || dropped === undefined ? 0n : fromSql(dropped);
  const floorTimeSec = higher(droppedTime, higher(owner.floorTimeSec, header.floorTimeSec));
  db.prepare('delete from block where height < ?').run(toSql(floorHeight));
  assertBlocksAgree(db, floorTimeSec);
  const aside =
    header.asideThrough === null ? owner.asideThrough : higher(owner.asideThrough ?? 0n, header.asideThrough);
  db.prepare(
    `update guard set floor_height = ?, floor_time = ?, absence_floor_height = ?, absence_floor_time = ?,
       aside_through = ?`,
  ).run(
    toSql(floorHeight),
    toSql(floorTimeSec),
    toSql(higher(owner.absenceFloorHeight, header.absenceFloorHeight)),
    toSql(higher(owner.absenceFloorSec, header.absenceFloorSec)),
    aside === undefined ? null : toSql(aside),
  );
};

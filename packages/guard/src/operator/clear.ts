import { MAX_UINT64 } from '@interchain-attestation/core';
import type { Database } from 'better-sqlite3';
import { GuardError } from '../errors.ts';
import { type FaultHook, noFaults } from '../store/faults.ts';
import { guardFiles } from '../store/files.ts';
import { type HeldGuard, holdGuard } from '../store/hold.ts';
import { logOperatorAction } from '../store/operator-log.ts';
import { fromSql, toSql } from '../store/uint64.ts';
import type { ClearOptions, OperatorAction } from '../types.ts';
import { parseReason } from './reason.ts';

/** Forgets the blocks through `height`; the floor that stands for them allows no statement there. */
const putAside = (db: Database, held: HeldGuard, height: bigint): void => {
  const { floorHeight, floorTimeSec, asideThrough } = held.owner;
  if (height < 0n || height >= MAX_UINT64 || height + 1n < floorHeight) {
    throw new GuardError(
      'guard/invalid-input',
      `cannot put aside records through ${height}: the floor is ${floorHeight}`,
    );
  }
  const last = db
    .prepare<[bigint], { time: bigint }>('select time from block where height <= ? order by height desc limit 1')
    .get(toSql(height));
  const timeSec = last === undefined || fromSql(last.time) < floorTimeSec ? floorTimeSec : fromSql(last.time);
  db.prepare('delete from block where height <= ?').run(toSql(height));
  db.prepare('update guard set floor_height = ?, floor_time = ?, aside_through = ?').run(
    toSql(height + 1n),
    toSql(timeSec),
    toSql(asideThrough === undefined || asideThrough < height ? height : asideThrough),
  );
};

const clear = (held: HeldGuard, options: ClearOptions, reason: string, atMs: number, fault: FaultHook): void => {
  const { db, owner } = held;
  const log = (action: OperatorAction['action']): void => logOperatorAction(db, { atMs, action, reason });
  held.transact(() => {
    if (options.putAsideThrough !== undefined) putAside(db, held, options.putAsideThrough);
    if (options.acceptCopy === true) log('accept-copy');
    if (options.cancelMove === true && owner.movedExport !== undefined) {
      db.exec('update guard set moved_export = null');
      log('cancel-move');
    }
    // Whoever accepts a copy or takes a move back has not thereby judged a conflict.
    if (options.acceptCopy !== true && options.cancelMove !== true) {
      db.exec('update guard set stopped_by = null');
      db.exec('update evidence set cleared = 1');
      log('clear');
    }
    fault('clear:before-commit');
  });
  fault('clear:committed');
};

/** {@link clearGuard} with places where a test ends the process. */
export const clearGuardWithFaults = (path: string, options: ClearOptions, fault: FaultHook): void => {
  const reason = parseReason(options.reason);
  const held = holdGuard({
    files: guardFiles(path),
    acceptCopy: options.acceptCopy,
    allowMoved: options.cancelMove,
    fault,
  });
  try {
    clear(held, options, reason, (options.now ?? Date.now)(), fault);
  } finally {
    held.close();
  }
};

/**
 * Lets a stopped guard go on, by an operator's decision with a reason that stays in its log. The records stay too: what
 * contradicts them is still never signed. No process may hold the guard.
 *
 * @throws GuardError `guard/locked`, `guard/copied` without `acceptCopy`, `guard/moved` without `cancelMove`,
 * `guard/invalid-input`, and whatever opening may throw
 */
export const clearGuard = (path: string, options: ClearOptions): void => clearGuardWithFaults(path, options, noFaults);

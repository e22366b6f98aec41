import path from 'node:path';
import { type Address, equalBytes } from '@interchain-attestation/core';
import type { Database } from 'better-sqlite3';
import { GuardError } from '../errors.ts';
import { parseOwner } from '../parse-owner.ts';
import { createDatabase } from '../store/create.ts';
import { toGuardError } from '../store/errors.ts';
import { type FaultHook, noFaults } from '../store/faults.ts';
import { type GuardFiles, guardFiles } from '../store/files.ts';
import { holdGuard } from '../store/hold.ts';
import { logOperatorAction } from '../store/operator-log.ts';
import { assertOwner, type OwnerRow, readOwner } from '../store/owner.ts';
import type { GuardSource, ImportOptions, ImportSummary } from '../types.ts';
import { type ExportFile, readExport } from './import-file.ts';
import { Merger } from './merge.ts';
import { mergeFloors } from './merge-floors.ts';
import { parseReason } from './reason.ts';

/** Adds every record of the export; call it in the open transaction. */
const mergeAll = (db: Database, owner: OwnerRow, file: ExportFile, fault: FaultHook): Merger => {
  const { header } = file;
  const merger = new Merger(db);
  for (const line of file.rows()) merger.add(line);
  fault('import:half-merged');
  db.prepare('insert or ignore into transfer (export_id) values (?)').run(header.exportId);
  mergeFloors(db, owner, header);
  const stoppedBy = header.stoppedBy === null ? undefined : merger.evidenceIds.get(header.stoppedBy);
  if (header.stoppedBy !== null && stoppedBy === undefined) {
    throw new GuardError('guard/damaged', 'the export is stopped by evidence that it does not hold');
  }
  if (owner.stoppedBy === undefined && stoppedBy !== undefined) {
    db.prepare('update guard set stopped_by = ?').run(BigInt(stoppedBy));
    db.prepare('update evidence set cleared = 0 where id = ?').run(BigInt(stoppedBy));
  }
  return merger;
};

/** An export that went through this guard once says nothing about where the key has signed since. */
const assertNew = (db: Database, owner: OwnerRow, exportId: Uint8Array): void => {
  if (owner.movedExport !== undefined && equalBytes(owner.movedExport, exportId)) {
    throw new GuardError('guard/moved', 'this is the export of this very guard: another host may have imported it');
  }
  if (db.prepare('select 1 from transfer where export_id = ?').get(exportId) !== undefined) {
    throw new GuardError('guard/moved', 'this export went through this guard before: the key may have signed since');
  }
};

interface Owner {
  readonly key: Address;
  readonly source: GuardSource;
}

const importInto = (
  files: GuardFiles,
  file: ExportFile,
  owner: Owner,
  log: { atMs: number; reason: string },
  fault: FaultHook,
): ImportSummary => {
  let fresh: Merger | undefined;
  const create = (): void =>
    createDatabase(
      files,
      {
        ...owner,
        nowMs: log.atMs,
        action: 'import',
        reason: log.reason,
        fill: (db) => {
          fresh = mergeAll(db, readOwner(db), file, fault);
        },
      },
      fault,
    );
  const held = holdGuard({ files, ...owner, allowMoved: true, create, fault });
  try {
    const { db } = held;
    const merger =
      fresh ??
      held.transact(() => {
        assertNew(db, held.owner, file.header.exportId);
        const merged = mergeAll(db, held.owner, file, fault);
        db.exec('update guard set moved_export = null');
        logOperatorAction(db, { ...log, action: 'import' });
        return merged;
      });
    fault('import:merged');
    return {
      exportId: file.header.exportId.toString('hex'),
      merged: fresh === undefined,
      blocks: merger.blocks,
      packets: merger.packets,
    };
  } finally {
    held.close();
  }
};

/** {@link importGuard} with places where a test ends the process. */
export const importGuardWithFaults = (
  file: string,
  guardPath: string,
  options: ImportOptions,
  fault: FaultHook,
): ImportSummary => {
  try {
    const reason = parseReason(options.reason);
    const owner = parseOwner(options.key, options.source);
    const read = readExport(path.resolve(file));
    assertOwner(parseOwner(read.header.key as Address, read.header.source as GuardSource), owner.key, owner.source);
    return importInto(guardFiles(guardPath), read, owner, { atMs: (options.now ?? Date.now)(), reason }, fault);
  } catch (cause) {
    throw toGuardError(cause, guardPath);
  }
};

/**
 * Takes over an export, all or nothing: makes the guard, or adds the records to one of the same key and source without
 * losing any of its own. Of two records the stricter stays; floors only rise; a stopped export stops this guard.
 * A guard that was moved away signs again when an export that it has not seen before comes back.
 *
 * @throws GuardError `guard/import-conflict` when both sides contradict each other, `guard/wrong-key`,
 * `guard/wrong-source`, `guard/damaged` or `guard/unsupported-version` (also for the export), `guard/moved` for an
 * export that went through this guard before, `guard/missing`, `guard/locked`, `guard/copied`, `guard/storage-failed`
 */
export const importGuard = (file: string, guardPath: string, options: ImportOptions): ImportSummary =>
  importGuardWithFaults(file, guardPath, options, noFaults);

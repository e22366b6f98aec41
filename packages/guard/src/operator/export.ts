import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { GuardError } from '../errors.ts';
import { toGuardError } from '../store/errors.ts';
import { type FaultHook, noFaults } from '../store/faults.ts';
import { guardFiles, syncDirectory } from '../store/files.ts';
import { type HeldGuard, holdGuard } from '../store/hold.ts';
import { logOperatorAction } from '../store/operator-log.ts';
import { readOwner } from '../store/owner.ts';
import type { ExportOptions, ExportSummary } from '../types.ts';
import { exportHeader, exportRows } from './export-rows.ts';
import { parseReason } from './reason.ts';

const CHUNK_BYTES = 1 << 20;

const writeRows = (held: HeldGuard, fd: number, exportId: Uint8Array, atMs: number, fault: FaultHook) => {
  const digest = createHash('sha256');
  const counts = { block: 0, packet: 0, other: 0 };
  let pending = '';
  const push = (row: unknown): void => {
    pending += `${JSON.stringify(row)}\n`;
    if (pending.length >= CHUNK_BYTES) drain();
  };
  const drain = (): void => {
    digest.update(pending);
    fs.writeFileSync(fd, pending);
    pending = '';
  };
  push(exportHeader(readOwner(held.db), exportId, atMs));
  for (const { kind, row } of exportRows(held.db)) {
    counts[kind]++;
    push(row);
  }
  drain();
  fault('export:half-written');
  fs.writeFileSync(fd, `${JSON.stringify({ end: { sha256: digest.digest('hex') } })}\n`);
  return counts;
};

/** From the commit on, this guard signs no more: whatever happens to the export, there are never two that do. */
const markMoved = (held: HeldGuard, reason: string, atMs: number): Uint8Array => {
  const { db, owner } = held;
  if (owner.movedExport !== undefined) return owner.movedExport;
  const exportId = randomBytes(16);
  held.transact(() => {
    db.prepare('update guard set moved_export = ?').run(exportId);
    db.prepare('insert into transfer (export_id) values (?)').run(exportId);
    logOperatorAction(db, { atMs, action: 'export', reason });
  });
  return exportId;
};

/** {@link exportGuard} with places where a test ends the process. */
export const exportGuardWithFaults = (
  guardPath: string,
  file: string,
  options: ExportOptions,
  fault: FaultHook,
): ExportSummary => {
  const reason = parseReason(options.reason);
  const atMs = (options.now ?? Date.now)();
  const target = path.resolve(file);
  if (fs.existsSync(target)) {
    throw new GuardError('guard/exists', `export file ${target} is there already`, { meta: { path: target } });
  }
  const held = holdGuard({ files: guardFiles(guardPath), allowMoved: true, fault });
  const partial = `${target}.part`;
  let fd: number | undefined;
  try {
    fd = fs.openSync(partial, 'w', 0o600);
    const exportId = markMoved(held, reason, atMs);
    fault('export:marked');
    const counts = writeRows(held, fd, exportId, atMs, fault);
    fs.fsyncSync(fd);
    const fileBytes = fs.fstatSync(fd).size;
    fs.renameSync(partial, target);
    syncDirectory(path.dirname(target));
    fault('export:written');
    return {
      exportId: Buffer.from(exportId).toString('hex'),
      blocks: counts.block,
      packets: counts.packet,
      fileBytes,
    };
  } catch (cause) {
    throw toGuardError(cause, target);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
    held.close();
  }
};

/**
 * Writes every record of a guard to a file for another host, and marks the guard as moved before the first byte of it:
 * from then on it signs no more. No process may hold the guard. May be repeated when the file was lost: a moved guard
 * does not change.
 *
 * @throws GuardError `guard/exists` for the file, `guard/locked`, `guard/storage-failed` (disk full: the guard may be
 * marked already, repeat with room), and whatever opening may throw
 */
export const exportGuard = (guardPath: string, file: string, options: ExportOptions): ExportSummary =>
  exportGuardWithFaults(guardPath, file, options, noFaults);

import { GuardError } from '../errors.ts';
import { openForReading } from '../store/database.ts';
import { toGuardError } from '../store/errors.ts';
import { EvidenceStore } from '../store/evidence.ts';
import { guardFiles, sizeOf } from '../store/files.ts';
import { readOperatorLog } from '../store/operator-log.ts';
import { readOwner } from '../store/owner.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from '../store/schema.ts';
import { fromSql } from '../store/uint64.ts';
import type { Evidence, GuardStatus } from '../types.ts';

const read = <T>(path: string, work: (db: ReturnType<typeof openForReading>, main: string, wal: string) => T): T => {
  try {
    const { main, wal } = guardFiles(path);
    if (sizeOf(main) === 0) {
      throw new GuardError('guard/missing', `there is no guard ${main}`, { meta: { path: main } });
    }
    const db = openForReading(main);
    try {
      if (Number(db.pragma('application_id', { simple: true })) !== APPLICATION_ID) {
        throw new GuardError('guard/not-a-guard', `${main} is not a guard`, { meta: { path: main } });
      }
      const version = Number(db.pragma('user_version', { simple: true }));
      if (version !== SCHEMA_VERSION) {
        throw new GuardError('guard/unsupported-version', `guard ${main} has version ${version}`, {
          meta: { path: main, got: version, expected: SCHEMA_VERSION },
        });
      }
      return db.transaction(() => work(db, main, wal))();
    } finally {
      db.close();
    }
  } catch (cause) {
    throw toGuardError(cause, path);
  }
};

/**
 * State of a guard file, read only, also while a process holds it. Takes no lock and checks no page.
 * @throws GuardError `guard/missing`, `guard/not-a-guard`, `guard/unsupported-version`, `guard/damaged`,
 * `guard/storage-failed`
 */
export const guardStatus = (path: string): GuardStatus =>
  read(path, (db, main, wal) => {
    const owner = readOwner(db);
    const evidence = new EvidenceStore(db, 0);
    const conflict = owner.stoppedBy === undefined ? undefined : evidence.find(owner.stoppedBy);
    const count = (sql: string): number => Number(db.prepare<[], { n: bigint }>(sql).get()?.n ?? 0n);
    const top = db.prepare<[], { height: bigint | null }>('select max(height) as height from block').get()?.height;
    return {
      key: owner.key,
      source: owner.source,
      state: owner.movedExport !== undefined ? 'moved' : owner.stoppedBy === undefined ? 'ready' : 'stopped',
      conflict:
        owner.stoppedBy === undefined
          ? undefined
          : {
              rule: conflict?.rule ?? 'reported',
              detail: conflict?.detail ?? 'evidence is gone',
              evidenceId: owner.stoppedBy,
            },
      floorHeight: owner.floorHeight,
      absenceFloorSec: owner.absenceFloorSec,
      highestHeight: top === null || top === undefined ? undefined : fromSql(top),
      blocks: count('select count(*) as n from block'),
      absences: count('select count(*) as n from received where present_height is null'),
      evidence: evidence.count(),
      fileBytes: sizeOf(main) + sizeOf(wal),
      operatorLog: readOperatorLog(db),
    };
  });

/**
 * Evidence of a guard file, newest first, read only, also while a process holds it.
 * @throws GuardError as {@link guardStatus}
 */
export const guardEvidence = (path: string, limit = 100): readonly Evidence[] =>
  read(path, (db) => new EvidenceStore(db, 0).list(limit));

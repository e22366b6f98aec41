import type { Database } from 'better-sqlite3';
import type { OwnerRow } from '../store/owner.ts';
import { fromSql } from '../store/uint64.ts';
import { EXPORT_FORMAT, EXPORT_VERSION } from './export-format.ts';

const hex = (bytes: Buffer | null): string | null => (bytes === null ? null : bytes.toString('hex'));
const text = (value: bigint | null): string | null => (value === null ? null : fromSql(value).toString());

/** The first line of an export. */
export const exportHeader = (owner: OwnerRow, exportId: Uint8Array, atMs: number): unknown => ({
  format: EXPORT_FORMAT,
  version: EXPORT_VERSION,
  exportId: Buffer.from(exportId).toString('hex'),
  key: owner.key,
  source: owner.source,
  exportedAtMs: atMs,
  floorHeight: owner.floorHeight.toString(),
  floorTimeSec: owner.floorTimeSec.toString(),
  absenceFloorHeight: owner.absenceFloorHeight.toString(),
  absenceFloorSec: owner.absenceFloorSec.toString(),
  asideThrough: owner.asideThrough?.toString() ?? null,
  stoppedBy: owner.stoppedBy ?? null,
});

interface BlockRow {
  height: bigint;
  hash: Buffer;
  parent: Buffer | null;
  time: bigint;
}

interface SentRow {
  name: string;
  seq: bigint;
  height: bigint;
  commitment: Buffer;
}

interface ReceivedRow {
  name: string;
  seq: bigint;
  absent_height: bigint | null;
  absent_time: bigint | null;
  present_height: bigint | null;
  timeout: bigint | null;
  proven: bigint;
  receipt: Buffer | null;
  ack: Buffer | null;
}

interface EvidenceRow {
  id: bigint;
  at_ms: bigint;
  rule: string;
  detail: string;
  data: string;
  cleared: bigint;
}

interface LogRow {
  at_ms: bigint;
  action: string;
  reason: string;
}

/** Every record of a guard, one by one, without holding them all in memory. */
export function* exportRows(db: Database): Generator<{ readonly kind: 'block' | 'packet' | 'other'; row: unknown }> {
  for (const row of db.prepare<[], BlockRow>('select * from block order by height').iterate()) {
    yield { kind: 'block', row: { block: [text(row.height), hex(row.hash), hex(row.parent), text(row.time)] } };
  }
  const sent = 'select name, seq, height, commitment from sent join client on client.id = sent.client';
  for (const row of db.prepare<[], SentRow>(sent).iterate()) {
    yield { kind: 'packet', row: { sent: [row.name, text(row.seq), text(row.height), hex(row.commitment)] } };
  }
  const received = 'select received.*, name from received join client on client.id = received.client';
  for (const row of db.prepare<[], ReceivedRow>(received).iterate()) {
    const numbers = [row.absent_height, row.absent_time, row.present_height, row.timeout].map(text);
    const values = [row.name, text(row.seq), ...numbers, row.proven !== 0n, hex(row.receipt), hex(row.ack)];
    yield { kind: 'packet', row: { received: values } };
  }
  for (const row of db.prepare<[], { export_id: Buffer }>('select export_id from transfer').iterate()) {
    yield { kind: 'other', row: { transfer: hex(row.export_id) } };
  }
  for (const row of db.prepare<[], EvidenceRow>('select * from evidence order by id').iterate()) {
    const { rule, detail, data } = row;
    const evidence = { id: Number(row.id), atMs: Number(row.at_ms), rule, detail, data, cleared: row.cleared !== 0n };
    yield { kind: 'other', row: { evidence } };
  }
  for (const row of db.prepare<[], LogRow>('select * from operator_log order by id').iterate()) {
    yield { kind: 'other', row: { log: { atMs: Number(row.at_ms), action: row.action, reason: row.reason } } };
  }
}

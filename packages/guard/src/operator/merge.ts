import { equalBytes } from '@interchain-attestation/core';
import type { Database, Statement } from 'better-sqlite3';
import { GuardError } from '../errors.ts';
import { ClientIds } from '../rules/client-ids.ts';
import { type RawReceived, rawToReceived, receivedToRaw } from '../rules/received-record.ts';
import { fromSql, toSql } from '../store/uint64.ts';
import type { BlockLine, EvidenceLine, ExportLine, ReceivedLine, SentLine } from './export-format.ts';
import { mergeReceived } from './merge-received.ts';

/** Two signatures of one key that contradict each other exist already: no merged record can be trusted. */
export const equivocation = (detail: string): GuardError =>
  new GuardError('guard/import-conflict', `the import contradicts this guard: ${detail}; retire the key`, {
    meta: { detail },
  });

const toNullable = (value: bigint | null): bigint | null => (value === null ? null : toSql(value));

/** Adds imported records to a guard, keeping the stricter of two. Call everything in one transaction. */
export class Merger {
  readonly #clients: ClientIds;
  readonly #addBlock: Statement<unknown[]>;
  readonly #blockAt: Statement<[bigint], { hash: Buffer; time: bigint }>;
  readonly #addParent: Statement<unknown[]>;
  readonly #addSent: Statement<unknown[]>;
  readonly #sentAt: Statement<[bigint, bigint], { commitment: Buffer }>;
  readonly #lowerSent: Statement<[bigint, bigint, bigint]>;
  readonly #receivedAt: Statement<[bigint, bigint], RawReceived>;
  readonly #saveReceived: Statement<unknown[]>;
  readonly #addTransfer: Statement<[Buffer]>;
  readonly #addEvidence: Statement<unknown[]>;
  readonly #evidenceLike: Statement<unknown[], { id: bigint }>;
  readonly #addLog: Statement<unknown[]>;
  /** Ids in the import to ids here. */
  readonly evidenceIds: Map<number, number> = new Map();
  blocks = 0;
  packets = 0;

  constructor(db: Database) {
    this.#clients = new ClientIds(db);
    this.#addBlock = db.prepare(
      'insert into block (height, hash, parent, time) values (?, ?, ?, ?) on conflict do nothing',
    );
    this.#blockAt = db.prepare('select hash, time from block where height = ?');
    this.#addParent = db.prepare('update block set parent = coalesce(parent, ?) where height = ?');
    this.#addSent = db.prepare(
      'insert into sent (client, seq, height, commitment) values (?, ?, ?, ?) on conflict do nothing',
    );
    this.#sentAt = db.prepare('select commitment from sent where client = ? and seq = ?');
    this.#lowerSent = db.prepare('update sent set height = min(height, ?) where client = ? and seq = ?');
    this.#receivedAt = db.prepare('select * from received where client = ? and seq = ?');
    this.#saveReceived = db.prepare(
      `insert or replace into received (client, seq, absent_height, absent_time, present_height, timeout, proven,
         receipt, ack) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#addTransfer = db.prepare('insert or ignore into transfer (export_id) values (?)');
    this.#addEvidence = db.prepare('insert into evidence (at_ms, rule, detail, data, cleared) values (?, ?, ?, ?, ?)');
    this.#evidenceLike = db.prepare('select id from evidence where at_ms = ? and rule = ? and detail = ?');
    this.#addLog = db.prepare(
      `insert into operator_log (at_ms, action, reason) select ?, ?, ?
       where not exists (select 1 from operator_log where at_ms = ? and action = ? and reason = ?)`,
    );
  }

  add(line: ExportLine): void {
    if ('block' in line) this.#block(line);
    else if ('sent' in line) this.#sent(line);
    else if ('received' in line) this.#received(line);
    else if ('transfer' in line) this.#addTransfer.run(line.transfer);
    else if ('evidence' in line) this.#evidence(line);
    else {
      const log = [BigInt(line.log.atMs), line.log.action, line.log.reason];
      this.#addLog.run(...log, ...log);
    }
  }

  #block({ block: [height, hash, parent, time] }: BlockLine): void {
    this.blocks++;
    if (this.#addBlock.run(toSql(height), hash, parent, toSql(time)).changes === 1) return;
    const known = this.#blockAt.get(toSql(height));
    if (known === undefined || !equalBytes(known.hash, hash) || fromSql(known.time) !== time) {
      throw equivocation(`height ${height} has two hashes or timestamps`);
    }
    this.#addParent.run(parent, toSql(height));
  }

  #sent({ sent: [clientId, sequence, height, commitment] }: SentLine): void {
    this.packets++;
    const client = this.#clients.numberOf(clientId);
    if (this.#addSent.run(client, toSql(sequence), toSql(height), commitment).changes === 1) return;
    const known = this.#sentAt.get(client, toSql(sequence));
    if (known === undefined || !equalBytes(known.commitment, commitment)) {
      throw equivocation(`packet ${clientId}/${sequence} has two commitments`);
    }
    this.#lowerSent.run(toSql(height), client, toSql(sequence));
  }

  #received({ received: row }: ReceivedLine): void {
    this.packets++;
    const [clientId, sequence, absentHeight, absentTime, presentHeight, timeout, isProven, receipt, ack] = row;
    const client = this.#clients.numberOf(clientId);
    const known = this.#receivedAt.get(client, toSql(sequence));
    const merged = mergeReceived(
      known === undefined ? undefined : rawToReceived(known),
      rawToReceived({
        absent_height: toNullable(absentHeight),
        absent_time: toNullable(absentTime),
        present_height: toNullable(presentHeight),
        timeout: toNullable(timeout),
        proven: isProven ? 1n : 0n,
        receipt,
        ack,
      }),
    );
    if (typeof merged === 'string') throw equivocation(`packet received by ${clientId}/${sequence}: ${merged}`);
    this.#saveReceived.run(client, toSql(sequence), ...receivedToRaw(merged));
  }

  #evidence({ evidence }: EvidenceLine): void {
    const { id, atMs, rule, detail, data, cleared } = evidence;
    const same = this.#evidenceLike.get(BigInt(atMs), rule, detail);
    const here = same?.id ?? this.#addEvidence.run(BigInt(atMs), rule, detail, data, cleared ? 1n : 0n).lastInsertRowid;
    this.evidenceIds.set(id, Number(here));
  }
}

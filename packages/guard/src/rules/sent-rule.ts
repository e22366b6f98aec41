import { bytesToHex, type CommitmentPath, equalBytes } from '@interchain-attestation/core';
import type { Database, Statement } from 'better-sqlite3';
import type { StatementEntry } from '../statement.ts';
import { BulkInsert } from '../store/bulk-insert.ts';
import { fromSql, toSql } from '../store/uint64.ts';
import type { ClientIds } from './client-ids.ts';
import { type Objection, refusal } from './outcome.ts';

interface SentRow {
  height: bigint;
  commitment: Buffer;
}

/**
 * The commitment of a sent packet never changes. It may disappear (acknowledged or timed out), which nobody needs
 * proven, so its absence is not attested. Records are kept for good: one a packet that somebody paid to send.
 */
export class SentRule {
  readonly #clients: ClientIds;
  readonly #insert: BulkInsert;
  readonly #find: Statement<[bigint, bigint], SentRow>;

  constructor(db: Database, clients: ClientIds) {
    this.#clients = clients;
    this.#insert = new BulkInsert(db, 'sent (client, seq, height, commitment)', 4);
    this.#find = db.prepare('select height, commitment from sent where client = ? and seq = ?');
  }

  /** Records entries at once, when there is no record of any; false when {@link SentRule.apply} must look at each. */
  addAllNew(height: bigint, entries: readonly StatementEntry[]): boolean {
    if (entries.some(({ commitment }) => commitment === undefined)) return false;
    const rows = entries.map(({ path, commitment }) => this.#row(height, path, commitment));
    return this.#insert.run(rows) === rows.length;
  }

  /** Records the entry in the open transaction, or says why it may not be stated. */
  apply(height: bigint, { path, commitment }: StatementEntry): Objection | undefined {
    if (commitment === undefined) return refusal('not-attestable', 'absence of a packet commitment is not attested');
    const client = this.#clients.numberOf(path.clientId);
    const sequence = toSql(path.sequence);
    if (this.#insert.run([this.#row(height, path, commitment)]) === 1) return undefined;
    const row = this.#find.get(client, sequence);
    if (row !== undefined && equalBytes(row.commitment, commitment)) return undefined;
    const recorded = row === undefined ? '' : bytesToHex(row.commitment);
    const recordHeight = row === undefined ? height : fromSql(row.height);
    return {
      kind: 'contradiction',
      rule: 'commitment-changed',
      detail: `packet ${path.clientId}/${path.sequence}: recorded ${recorded} at height ${recordHeight}, now told ${bytesToHex(commitment)} at ${height}`,
      recordHeight,
      data: { recordedHeight: recordHeight.toString(), recordedCommitment: recorded },
    };
  }

  #row(height: bigint, path: CommitmentPath, commitment: Uint8Array | undefined): readonly unknown[] {
    return [this.#clients.numberOf(path.clientId), toSql(path.sequence), toSql(height), commitment];
  }
}

import type { StatementBlock, StatementEntry } from '../statement.ts';
import { type Objection, refusal } from './outcome.ts';
import { judgeAbsence, mergeAbsence } from './received-absence.ts';
import { judgePresence, mergePresence } from './received-presence.ts';
import type { AbsenceFloor, Received } from './received-record.ts';

/** The record as it will be; the same object when the entry says nothing new. */
export interface NextReceived {
  readonly next: Received;
}

/** Judges what an entry says about the receiving end of a packet against the record of it. Pure. */
export const judgeReceived = (
  block: StatementBlock,
  entry: StatementEntry,
  record: Received | undefined,
  floor: AbsenceFloor,
): Objection | NextReceived => {
  const { path, commitment } = entry;
  if (commitment === undefined && path.kind !== 'receipt') {
    return refusal('not-attestable', 'absence of an acknowledgement is not attested');
  }
  if (commitment === undefined) {
    return judgeAbsence(block, entry, record) ?? { next: mergeAbsence(block, record) };
  }
  const claim = { ...entry, commitment };
  return judgePresence(block, claim, record, floor) ?? { next: mergePresence(block, claim, record) };
};

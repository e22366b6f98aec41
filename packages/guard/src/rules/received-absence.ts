import type { StatementBlock, StatementEntry } from '../statement.ts';
import { type Objection, refusal } from './outcome.ts';
import { type Received, receivedContradiction } from './received-record.ts';

/**
 * May a receipt be stated absent? Not at or above a height at which it was present, since receipts stay. Not at or past
 * the packet's timeout either, once it was received: a receive is refused from the timeout on, so one of the two is
 * false, whatever their heights.
 */
export const judgeAbsence = (
  block: StatementBlock,
  entry: StatementEntry,
  record: Received | undefined,
): Objection | undefined => {
  const present = record?.present;
  if (record === undefined || present === undefined) return undefined;
  if (block.height >= present.height) {
    const why = `absent, but present since height ${present.height}`;
    return receivedContradiction('receipt-removed', why, present.height, block, entry, record);
  }
  if (block.timestampSec < present.timeoutSec) return undefined;
  const why = `absent at ${block.timestampSec}, at or past the timeout ${present.timeoutSec} of a packet that was received`;
  return present.isProven
    ? receivedContradiction('timeout-contradicted', why, present.height, block, entry, record)
    : refusal('disputed-timeout', why);
};

/** The record with the absence in it; the same record when it says nothing new. */
export const mergeAbsence = (block: StatementBlock, record: Received | undefined): Received =>
  record?.absent !== undefined && record.absent.height >= block.height
    ? record
    : { ...record, absent: { height: block.height, timeSec: block.timestampSec } };

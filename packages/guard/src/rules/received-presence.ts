import { bytesToHex, equalBytes } from '@interchain-attestation/core';
import type { StatementBlock, StatementEntry } from '../statement.ts';
import { type Objection, refusal } from './outcome.ts';
import { type AbsenceFloor, type Present, type Received, receivedContradiction } from './received-record.ts';

/** A receipt or an acknowledgement that is there. */
export type PresenceClaim = StatementEntry & { readonly commitment: Uint8Array };

const recordedValue = (present: Present | undefined, claim: PresenceClaim): Uint8Array | undefined =>
  claim.path.kind === 'receipt' ? present?.receipt : present?.ack;

/**
 * May a receipt or an acknowledgement be stated? Not at or below a height at which the receipt was absent; not when it
 * was absent at or past the timeout; and never with another value than before.
 */
export const judgePresence = (
  block: StatementBlock,
  claim: PresenceClaim,
  record: Received | undefined,
  floor: AbsenceFloor,
): Objection | undefined =>
  judgeValue(block, claim, record) ??
  judgeAgainstAbsence(block, claim, record) ??
  judgeFloor(block, claim, record, floor);

const judgeValue = (block: StatementBlock, claim: PresenceClaim, record: Received | undefined) => {
  const present = record?.present;
  if (record === undefined || present === undefined) return undefined;
  const value = recordedValue(present, claim);
  if (value !== undefined && !equalBytes(value, claim.commitment)) {
    const why = `${bytesToHex(claim.commitment)}, but recorded ${bytesToHex(value)}`;
    return receivedContradiction('commitment-changed', why, present.height, block, claim, record);
  }
  if (present.isProven && claim.timeoutProven === true && present.timeoutSec !== claim.timeoutTimestampSec) {
    const why = `timeout ${claim.timeoutTimestampSec}, but recorded ${present.timeoutSec}`;
    return receivedContradiction('commitment-changed', why, present.height, block, claim, record);
  }
  return undefined;
};

const judgeAgainstAbsence = (block: StatementBlock, claim: PresenceClaim, record: Received | undefined) => {
  const absent = record?.absent;
  if (record === undefined || absent === undefined) return undefined;
  if (absent.height >= block.height) {
    const why = `present, but its receipt was absent at height ${absent.height}`;
    return receivedContradiction('receipt-removed', why, absent.height, block, claim, record);
  }
  if (absent.timeSec < claim.timeoutTimestampSec) return undefined;
  const why = `present, but its receipt was absent at ${absent.timeSec}, at or past the timeout ${claim.timeoutTimestampSec}`;
  return claim.timeoutProven === true
    ? receivedContradiction('timeout-contradicted', why, absent.height, block, claim, record)
    : refusal('disputed-timeout', why);
};

/**
 * Forgotten absences were all at or below the floor's height and time. What cannot contradict any of them may still be
 * stated, and so may what was stated before.
 */
const judgeFloor = (
  block: StatementBlock,
  claim: PresenceClaim,
  record: Received | undefined,
  floor: AbsenceFloor,
): Objection | undefined => {
  const present = record?.present;
  if ((present === undefined || block.height < present.height) && block.height <= floor.height) {
    return refusal('below-floor', `height ${block.height} is not above the absence floor ${floor.height}`);
  }
  // A timeout that is proven only now may be lower than the one that was claimed when presence was first stated.
  const isNewTimeout = present === undefined || (claim.timeoutProven === true && !present.isProven);
  if (isNewTimeout && claim.timeoutTimestampSec <= floor.timeSec) {
    return refusal(
      'below-floor',
      `timeout ${claim.timeoutTimestampSec} is not above the absence floor ${floor.timeSec}`,
    );
  }
  return undefined;
};

/** The record with the claim in it; the same record when it says nothing new. */
export const mergePresence = (block: StatementBlock, claim: PresenceClaim, record: Received | undefined): Received => {
  const before = record?.present;
  const isProven = claim.timeoutProven === true;
  const present: Present = {
    height: before === undefined || block.height < before.height ? block.height : before.height,
    timeoutSec: strictestTimeout(before, claim.timeoutTimestampSec, isProven),
    isProven: isProven || before?.isProven === true,
    receipt: claim.path.kind === 'receipt' ? claim.commitment : before?.receipt,
    ack: claim.path.kind === 'acknowledgement' ? claim.commitment : before?.ack,
  };
  const isKnown =
    before !== undefined &&
    before.height === present.height &&
    before.timeoutSec === present.timeoutSec &&
    before.isProven === present.isProven &&
    recordedValue(before, claim) !== undefined;
  return isKnown && record !== undefined ? record : { ...record, present };
};

const strictestTimeout = (before: Present | undefined, timeoutSec: bigint, isProven: boolean): bigint => {
  if (before === undefined || (isProven && !before.isProven)) return timeoutSec;
  return before.isProven || before.timeoutSec < timeoutSec ? before.timeoutSec : timeoutSec;
};

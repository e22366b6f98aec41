import { equalBytes } from '@interchain-attestation/core';
import type { Present, Received } from '../rules/received-record.ts';

const differ = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a !== undefined && b !== undefined && !equalBytes(a, b);

const mergePresent = (a: Present, b: Present): Present | string => {
  if (differ(a.receipt, b.receipt)) return 'two receipts';
  if (differ(a.ack, b.ack)) return 'two acknowledgements';
  if (a.isProven && b.isProven && a.timeoutSec !== b.timeoutSec) return 'two timeouts';
  const lower = a.timeoutSec < b.timeoutSec ? a : b;
  const earlier = a.height < b.height ? a : b;
  // A proven timeout counts before a claimed one; of two claims the lower is the stricter.
  const timeout = a.isProven === b.isProven ? lower : a.isProven ? a : b;
  return {
    height: earlier.height,
    timeoutSec: timeout.timeoutSec,
    isProven: timeout.isProven,
    receipt: a.receipt ?? b.receipt,
    ack: a.ack ?? b.ack,
  };
};

const mergeAbsent = (a: Received['absent'], b: Received['absent']): Received['absent'] => {
  if (a === undefined || b === undefined) return a ?? b;
  return a.height < b.height ? b : a;
};

/** Joins what two guards of one key know about one received packet; a string names the contradiction between them. */
export const mergeReceived = (mine: Received | undefined, other: Received): Received | string => {
  const absent = mergeAbsent(mine?.absent, other.absent);
  const present =
    mine?.present === undefined || other.present === undefined
      ? (mine?.present ?? other.present)
      : mergePresent(mine.present, other.present);
  if (typeof present === 'string') return present;
  if (absent === undefined && present === undefined) return 'a record that says nothing';
  if (absent !== undefined && present !== undefined) {
    if (absent.height >= present.height) return 'absent after it was present';
    if (present.isProven && absent.timeSec >= present.timeoutSec) return 'absent past its timeout, and present';
  }
  return { absent, present };
};

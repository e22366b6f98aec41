import { bytesToHex } from '@interchain-attestation/core';
import type { ConflictRule, StatementBlock, StatementEntry } from '../statement.ts';
import { fromSql, toSql } from '../store/uint64.ts';
import type { Contradiction } from './outcome.ts';

/** What was stated about the receiving end of one packet. */
export interface Received {
  /** The highest block at which the receipt was stated to be absent. */
  readonly absent?: { readonly height: bigint; readonly timeSec: bigint } | undefined;
  readonly present?: Present | undefined;
}

/** The receipt or the acknowledgement was stated to be there. */
export interface Present {
  /** The lowest block at which it was. */
  readonly height: bigint;
  /** Proven timeout, else the lowest one that a requester claimed: the stricter. */
  readonly timeoutSec: bigint;
  readonly isProven: boolean;
  readonly receipt?: Uint8Array | undefined;
  readonly ack?: Uint8Array | undefined;
}

/** Forgotten absences were all at or below this height and time: absences beyond a bound are not kept. */
export interface AbsenceFloor {
  readonly height: bigint;
  readonly timeSec: bigint;
}

/** The record as SQLite holds it. */
export interface RawReceived {
  absent_height: bigint | null;
  absent_time: bigint | null;
  present_height: bigint | null;
  timeout: bigint | null;
  proven: bigint;
  receipt: Buffer | null;
  ack: Buffer | null;
}

export const rawToReceived = (raw: RawReceived): Received => ({
  absent:
    raw.absent_height === null || raw.absent_time === null
      ? undefined
      : { height: fromSql(raw.absent_height), timeSec: fromSql(raw.absent_time) },
  present:
    raw.present_height === null || raw.timeout === null
      ? undefined
      : {
          height: fromSql(raw.present_height),
          timeoutSec: fromSql(raw.timeout),
          isProven: raw.proven !== 0n,
          receipt: raw.receipt ?? undefined,
          ack: raw.ack ?? undefined,
        },
});

/** Column values in the order of {@link RawReceived}. */
export const receivedToRaw = ({ absent, present }: Received): readonly unknown[] => [
  absent === undefined ? null : toSql(absent.height),
  absent === undefined ? null : toSql(absent.timeSec),
  present === undefined ? null : toSql(present.height),
  present === undefined ? null : toSql(present.timeoutSec),
  present?.isProven === true ? 1n : 0n,
  present?.receipt ?? null,
  present?.ack ?? null,
];

const describe = ({ absent, present }: Received): Readonly<Record<string, string>> => ({
  recordedAbsentHeight: absent?.height.toString() ?? '',
  recordedAbsentTimestampSec: absent?.timeSec.toString() ?? '',
  recordedPresentHeight: present?.height.toString() ?? '',
  recordedTimeoutSec: present?.timeoutSec.toString() ?? '',
  recordedReceipt: present?.receipt === undefined ? '' : bytesToHex(present.receipt),
  recordedAcknowledgement: present?.ack === undefined ? '' : bytesToHex(present.ack),
});

/** @param recordHeight height of the part of the record that is contradicted */
export const receivedContradiction = (
  rule: ConflictRule,
  why: string,
  recordHeight: bigint,
  block: StatementBlock,
  { path }: StatementEntry,
  record: Received,
): Contradiction => ({
  kind: 'contradiction',
  rule,
  detail: `${path.kind} ${path.clientId}/${path.sequence} at height ${block.height}: ${why}`,
  recordHeight,
  data: describe(record),
});

import type { Clock } from '@interchain-attestation/chains';
import { type BackoffPolicy, backoffMs } from '../domain/backoff.ts';
import type { PacketKey, PacketRecord } from '../domain/packet-record.ts';
import type { Leg } from '../domain/packet-state.ts';
import type { PacketInput } from '../domain/transition.ts';
import type { BatchInfo, Emit } from '../events.ts';
import { keyText } from '../store/packet-store.ts';
import type { PacketBook } from './packet-book.ts';

export interface SetbackDeps {
  readonly leg: Leg;
  readonly book: PacketBook;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly random: () => number;
}

/** What attempts that did not succeed do to packets, and what is told of them. */
export interface Setbacks {
  /** Nothing is held against them: tried again at once, or at `nextAttemptMs`. */
  postpone(keys: readonly PacketKey[], reason: string, nextAttemptMs?: number): Promise<unknown>;
  /** A chain refused them: counted, and given up after so many times. */
  blame(records: readonly PacketRecord[], reason: string): Promise<void>;
  /** It failed, and no chain says that it was these packets: tried on, ever more slowly, and never given up. */
  blameNobody(records: readonly PacketRecord[], reason: string): Promise<void>;
  giveUp(records: readonly PacketRecord[], reason: string): Promise<void>;
  /** How often nobody was blamed for this one. */
  doubtsOf(record: PacketRecord): number;
}

/** What fails without a chain's word against it is never given up: the pause between its attempts grows to so much more. */
const SLOWER = 30;
/** Packets of which it is remembered how often they failed so. */
const MAX_REMEMBERED = 10_000;

/** @param info what is told of a batch of these packets */
export const createSetbacks = (
  { leg, book, clock, emit, random }: SetbackDeps,
  info: (records: readonly PacketRecord[]) => BatchInfo,
  { retry, maxAttempts }: { readonly retry: BackoffPolicy; readonly maxAttempts: number },
): Setbacks => {
  const doubts = new Map<string, number>();
  const isLast = (record: PacketRecord): boolean => record.attempts + 1 >= maxAttempts;

  const failed = (record: PacketRecord, reason: string): PacketInput => {
    if (isLast(record)) return { type: 'gave-up', leg, reason };
    const nextAttemptMs = clock.now() + backoffMs(retry, record.attempts + 1, random());
    return { type: 'attempt-failed', leg, reason, nextAttemptMs, isCounted: true };
  };

  const doubted = (record: PacketRecord, reason: string): PacketInput => {
    const count = (doubts.get(keyText(record)) ?? 0) + 1;
    if (doubts.size > MAX_REMEMBERED) doubts.clear();
    doubts.set(keyText(record), count);
    const pauseMs = backoffMs({ ...retry, maxMs: retry.maxMs * SLOWER }, count, random());
    return { type: 'attempt-failed', leg, reason, nextAttemptMs: clock.now() + pauseMs, isCounted: false };
  };

  const suffer = async (
    records: readonly PacketRecord[],
    reason: string,
    next: 'retry' | 'give-up',
    what: (record: PacketRecord) => PacketInput,
  ): Promise<void> => {
    const [first] = records;
    if (first === undefined) return;
    emit({ type: 'batch-failed', ...info(records), reason, attempt: first.attempts + 1, next });
    await book.apply(records, what);
  };

  return {
    postpone: (keys, reason, nextAttemptMs = 0) =>
      book.apply(keys, () => ({ type: 'postponed', leg, reason, nextAttemptMs })),
    blame: (records, reason) => {
      const [first] = records;
      const next = first !== undefined && isLast(first) ? 'give-up' : 'retry';
      return suffer(records, reason, next, (record) => failed(record, reason));
    },
    blameNobody: (records, reason) => suffer(records, reason, 'retry', (record) => doubted(record, reason)),
    giveUp: (records, reason) => suffer(records, reason, 'give-up', () => ({ type: 'gave-up', leg, reason })),
    doubtsOf: (record) => doubts.get(keyText(record)) ?? 0,
  };
};

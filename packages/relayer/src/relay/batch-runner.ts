import type { Clock, TransactionLimits, TransactionReceipt, UnsignedTransaction } from '@interchain-attestation/chains';
import { type BackoffPolicy, backoffMs } from '../domain/backoff.ts';
import { classifyFailure, type FailureVerdict } from '../domain/classify-failure.ts';
import type { CostModel } from '../domain/cost-model.ts';
import type { PacketKey, PacketRecord } from '../domain/packet-record.ts';
import type { Leg } from '../domain/packet-state.ts';
import type { Direction } from '../domain/route.ts';
import type { BatchInfo, Emit } from '../events.ts';
import { keyText } from '../store/packet-store.ts';
import type { ChainHandle } from '../watch/chain-handle.ts';
import type { ChainView } from '../watch/chain-watcher.ts';
import { errorToFacts } from './failure-facts.ts';
import { findHandled } from './handled.ts';
import type { PacketBook } from './packet-book.ts';
import { type ProofApi, proofRequest, requestProof } from './proof-request.ts';

/** How a batch ended, for the pace of its lane. */
export type BatchOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'not-yet' }
  | { readonly kind: 'down'; readonly target: string; readonly reason: string };

export interface BatchRunnerDeps {
  readonly leg: Leg;
  readonly direction: Direction;
  /** The chain that takes the transactions. */
  readonly target: ChainHandle;
  readonly targetView: () => ChainView | undefined;
  readonly proofApi: ProofApi;
  readonly book: PacketBook;
  readonly costs: CostModel;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly isHalted: () => boolean;
  /** The target chain is through with these packets, as of its block at `height`. */
  readonly onHandled: (records: readonly PacketRecord[], height: bigint) => void;
}

export interface BatchRunnerOptions {
  readonly retry: BackoffPolicy;
  readonly maxAttempts: number;
  readonly proofTimeoutMs: number;
  /** A packet that is "not yet" provable for this long holds up others no longer: its batch is divided. */
  readonly patienceMs: number;
}

/** Somebody else brought a packet: how long to wait for the chain's event before looking again. */
const HANDLED_PAUSE_MS = 1_000;

/** Carries one batch to its chain; divides it when that is what it takes. */
export interface BatchRunner {
  run(records: readonly PacketRecord[], limits: TransactionLimits): Promise<BatchOutcome>;
}

/** Creates the runner of one lane. */
export const createBatchRunner = (deps: BatchRunnerDeps, options: BatchRunnerOptions): BatchRunner => {
  const { leg, direction, target, book, costs, clock, emit, signal } = deps;
  const impatientSince = new Map<string, number>();
  const info = (records: readonly unknown[]): BatchInfo => ({
    leg,
    direction,
    chainId: target.chainId,
    packets: records.length,
  });

  const postpone = (keys: readonly PacketKey[], reason: string, nextAttemptMs = 0): Promise<unknown> =>
    book.apply(keys, () => ({ type: 'postponed', leg, reason, nextAttemptMs }));

  const blame = async (record: PacketRecord, reason: string, hopeless: boolean): Promise<void> => {
    const giveUp = hopeless || record.attempts + 1 >= options.maxAttempts;
    emit({
      type: 'batch-failed',
      ...info([record]),
      reason,
      attempt: record.attempts + 1,
      next: giveUp ? 'give-up' : 'retry',
    });
    const pauseMs = backoffMs(options.retry, record.attempts + 1, deps.random());
    await book.apply([record], () =>
      giveUp
        ? { type: 'gave-up', leg, reason }
        : { type: 'attempt-failed', leg, reason, nextAttemptMs: clock.now() + pauseMs },
    );
  };

  /** Asks for the proof, and at the same time which packets need none any more. */
  const prove = async (
    records: readonly PacketRecord[],
  ): Promise<{ records: readonly PacketRecord[]; transaction?: UnsignedTransaction }> => {
    const request = (wanted: readonly PacketRecord[]): Promise<UnsignedTransaction> =>
      requestProof(deps.proofApi, proofRequest(leg, direction, wanted), { signal, timeoutMs: options.proofTimeoutMs });
    const head = deps.targetView()?.head;
    const [proof, handled] = await Promise.allSettled([
      request(records),
      head === undefined ? Promise.resolve(new Set<PacketRecord>()) : findHandled(leg, target, head, records, signal),
    ]);
    // An unanswered look costs at most a no-op on chain.
    const done = handled.status === 'fulfilled' ? handled.value : new Set<PacketRecord>();
    if (done.size > 0 && head !== undefined) {
      deps.onHandled([...done], head.height);
      const rest = records.filter((record) => !done.has(record));
      await postpone([...done], 'brought by another relayer: waits for the event', clock.now() + HANDLED_PAUSE_MS);
      return rest.length === 0 ? { records: [] } : { records: rest, transaction: await request(rest) };
    }
    if (proof.status === 'rejected') throw proof.reason;
    return { records, transaction: proof.value };
  };

  const settle = async (records: readonly PacketRecord[], receipt: TransactionReceipt): Promise<void> => {
    const { txId, gasUsed, feePaid, bytes } = receipt;
    emit({ type: 'batch-confirmed', ...info(records), txId, gasUsed, feePaid, bytes });
    costs.learn({ packets: records.map(({ packet }) => packet), bytes, gas: gasUsed });
    await book.ingest({ chainId: target.chainId, events: receipt.events, final: false });
    // Those that the proof API left out, or that were done already: the next look tells which. A packet left out again
    // and again ends as a dead letter.
    await book.apply(records, (record) => ({
      type: 'attempt-failed',
      leg,
      reason: `transaction ${txId} had no effect on it`,
      nextAttemptMs: clock.now() + backoffMs(options.retry, record.attempts + 1, deps.random()),
    }));
  };

  const attempt = async (
    records: readonly PacketRecord[],
  ): Promise<{ verdict: FailureVerdict; records: readonly PacketRecord[] } | undefined> => {
    let stage: 'prove' | 'submit' = 'prove';
    let current = records;
    const noted: Promise<unknown>[] = [];
    try {
      const proven = await prove(records);
      current = proven.records;
      const { transaction } = proven;
      if (transaction === undefined || deps.isHalted()) return undefined;
      stage = 'submit';
      // What is done about a packet is written down, never waited for: after a stop it is concluded from the chains.
      noted.push(book.apply(current, () => ({ type: 'proven', leg })));
      const receipt = await target.sender.submit(transaction, {
        signal,
        onBroadcast: (txId) => {
          emit({ type: 'batch-submitted', ...info(current), txId });
          noted.push(book.apply(current, () => ({ type: 'submitted', leg, txId })));
        },
      });
      await Promise.all(noted);
      if (receipt.success) {
        await settle(current, receipt);
        return undefined;
      }
      const { failure = 'reverted' } = receipt;
      const [revert = failure] = failure.split('(');
      return { records: current, verdict: classifyFailure({ stage, revert, message: failure }) };
    } catch (error) {
      await Promise.allSettled(noted);
      if (signal.aborted) return undefined;
      return { records: current, verdict: classifyFailure(errorToFacts(error, stage)) };
    }
  };

  const halve = async (records: readonly PacketRecord[], limits: TransactionLimits): Promise<BatchOutcome> => {
    const middle = Math.ceil(records.length / 2);
    const outcomes = await Promise.all([run(records.slice(0, middle), limits), run(records.slice(middle), limits)]);
    return (
      outcomes.find(({ kind }) => kind === 'down') ??
      outcomes.find(({ kind }) => kind === 'not-yet') ?? { kind: 'done' }
    );
  };

  const isPatient = (records: readonly PacketRecord[]): boolean => {
    const since = Math.min(...records.map((record) => impatientSince.get(keyText(record)) ?? clock.now()));
    for (const record of records) {
      if (!impatientSince.has(keyText(record))) impatientSince.set(keyText(record), clock.now());
    }
    return clock.now() - since < options.patienceMs;
  };

  const run = async (all: readonly PacketRecord[], limits: TransactionLimits): Promise<BatchOutcome> => {
    const failed = await attempt(all);
    if (failed?.verdict.kind !== 'not-yet') for (const record of all) impatientSince.delete(keyText(record));
    if (failed === undefined) return { kind: 'done' };
    const { verdict, records } = failed;
    const { reason } = verdict;
    const [only] = records;
    if (only === undefined) return { kind: 'done' };
    switch (verdict.kind) {
      case 'outage':
        await postpone(records, reason);
        return { kind: 'down', target: outageTarget[verdict.of], reason };
      case 'blocked':
        await postpone(records, reason);
        return { kind: 'down', target: `way to client ${targetClient} on chain ${target.chainId}`, reason };
      case 'not-yet':
        if (isPatient(records)) {
          await postpone(records, reason);
          return { kind: 'not-yet' };
        }
        for (const record of records) impatientSince.delete(keyText(record));
        break;
      case 'too-large':
        costs.tooLarge(
          records.map(({ packet }) => packet),
          limits,
        );
        break;
      case 'all-bad':
        await Promise.all(records.map((record) => blame(record, reason, false)));
        return { kind: 'done' };
      case 'bad-packet':
        break;
    }
    if (records.length === 1) {
      await blame(only, reason, verdict.kind === 'too-large');
      return { kind: 'done' };
    }
    emit({ type: 'batch-failed', ...info(records), reason, attempt: only.attempts + 1, next: 'halve' });
    return halve(records, limits);
  };

  const targetClient = leg === 'receive' ? direction.dest.clientId : direction.source.clientId;
  const from = leg === 'receive' ? direction.source : direction.dest;
  const outageTarget = {
    'proof-api': `proof API from ${from.chainId} to ${target.chainId}`,
    chain: `transactions to chain ${target.chainId}`,
    store: 'store',
  } as const;
  return { run };
};

import type { Clock, TransactionLimits, TransactionReceipt } from '@interchain-attestation/chains';
import type { Packet } from '@interchain-attestation/core';
import type { BackoffPolicy } from '../domain/backoff.ts';
import { classifyFailure, type FailureVerdict } from '../domain/classify-failure.ts';
import type { CostModel } from '../domain/cost-model.ts';
import type { PacketRecord } from '../domain/packet-record.ts';
import type { Leg } from '../domain/packet-state.ts';
import type { Direction } from '../domain/route.ts';
import type { PacketInput } from '../domain/transition.ts';
import { undeliverableReason } from '../domain/undeliverable.ts';
import type { BatchInfo, Emit } from '../events.ts';
import { keyText } from '../store/packet-store.ts';
import type { ChainHandle } from '../watch/chain-handle.ts';
import type { ChainView } from '../watch/chain-watcher.ts';
import { errorToFacts } from './failure-facts.ts';
import { findHandled } from './handled.ts';
import type { End } from './missing-pass.ts';
import type { PacketBook } from './packet-book.ts';
import type { ProofApi } from './proof-request.ts';
import { proveBatch } from './prove-batch.ts';
import { createSetbacks } from './setbacks.ts';
import type { Spent } from './spent.ts';

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
  /** Whether blocks can stand for the transactions whose events are proven: on Cosmos chains. */
  readonly hasBlockNames: boolean;
  /**
   * The chain of this end is through with these packets, as of its block at `height`.
   * @returns those whose event was searched for already, in vain
   */
  readonly onHandled: (end: End, records: readonly PacketRecord[], height: bigint) => readonly PacketRecord[];
  /** Of packets that the proof API refuses: those that their source is through with. */
  readonly findSpent: (records: readonly PacketRecord[]) => Promise<Spent>;
}

export interface BatchRunnerOptions {
  readonly retry: BackoffPolicy;
  readonly maxAttempts: number;
  readonly proofTimeoutMs: number;
  /** A packet that is "not yet" provable for this long holds up others no longer: its batch is divided. */
  readonly patienceMs: number;
}

/** A chain is through with a packet: how long to wait for the chain's event before looking again. */
const HANDLED_PAUSE_MS = 1_000;
/** Packets of which it is remembered since when they are waited for. */
const MAX_REMEMBERED = 10_000;

const NONE_SPENT: Spent = { records: [], height: 0n };

/** A search for the packets of a batch for which a node does not answer. */
interface Search {
  /** The node answered for a part of them. */
  answered: boolean;
  /** Those for which it did not, each tried alone. */
  readonly silent: PacketRecord[];
  /** Those not tried: nothing went through at all, or the way went down. */
  readonly left: PacketRecord[];
}

/** Whether the chain said something about the packets themselves, and be it a refusal. */
const isAnswer = (verdict: FailureVerdict | undefined): boolean =>
  verdict === undefined || verdict.kind === 'bad-packet' || verdict.kind === 'too-large';
/** So many packets alone without an answer, and none with one: it is the node, whatever it says of its head. */
const MOST_SILENT = 2;

/** Carries one batch to its chain; divides it when that is what it takes. */
export interface BatchRunner {
  /** Rejects when the store fails: what became of the packets is not stored then. */
  run(records: readonly PacketRecord[], limits: TransactionLimits): Promise<BatchOutcome>;
  /** Makes packets wait again whose outcome could not be stored. */
  putBack(records: readonly PacketRecord[]): Promise<void>;
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

  const { postpone, blame, blameNobody, giveUp, doubtsOf } = createSetbacks(deps, info, options);
  /**
   * A proposer can put the bytes of an old transaction into a block again, where they fail, and that is all that an index
   * then knows of it: every second attempt after a refusal names blocks, in which it still is.
   */
  const nameBy = (records: readonly PacketRecord[]): 'txId' | 'blockHash' =>
    deps.hasBlockNames && records.some((record) => doubtsOf(record) % 2 === 1) ? 'blockHash' : 'txId';

  /** A chain is through with these packets: its own event will say so, if it did not happen before our time. */
  const leaveToEvents = async (end: End, records: readonly PacketRecord[], height: bigint): Promise<void> => {
    const lost = new Set(records.length === 0 ? [] : deps.onHandled(end, records, height));
    const rest = records.filter((record) => !lost.has(record));
    if (rest.length > 0)
      await postpone(rest, `the ${end} is through with it: waits for the event`, clock.now() + HANDLED_PAUSE_MS);
    await blame([...lost], `the ${end} is through with it, and its event is not found`);
  };

  /** Which of these packets the block of a receipt shows as brought; none when it cannot be read. */
  const handledAt = async (
    { height }: TransactionReceipt,
    records: readonly PacketRecord[],
  ): Promise<ReadonlySet<PacketRecord>> => {
    try {
      const [block] = records.length === 0 ? [] : await target.reader.headers([height], { signal });
      return block === undefined ? new Set() : await findHandled(leg, target, block, records, signal);
    } catch {
      return new Set();
    }
  };

  /**
   * What the proof API refuses is looked up on the chain that it would prove: when the source is through with a packet
   * that was not received, its events tell why. Otherwise it is tried again, and never given up on such a word.
   */
  const doubt = async (records: readonly PacketRecord[], reason: string): Promise<void> => {
    const spent: Spent = leg === 'receive' ? await deps.findSpent(records).catch(() => NONE_SPENT) : NONE_SPENT;
    await leaveToEvents('source', spent.records, spent.height);
    await blameNobody(
      records.filter((record) => !spent.records.includes(record)),
      reason,
    );
  };

  /** Only a receive can be undeliverable: what was sent can be acknowledged and timed out. */
  const undeliverable = (packet: Packet): string | undefined =>
    leg === 'receive' ? undeliverableReason(packet, target.reader.kind) : undefined;

  const isOurs = ({ sourceClient, destClient }: Packet): boolean =>
    sourceClient === direction.source.clientId && destClient === direction.dest.clientId;

  const settle = async (records: readonly PacketRecord[], receipt: TransactionReceipt): Promise<void> => {
    const { txId, gasUsed, feePaid, bytes } = receipt;
    emit({ type: 'batch-confirmed', ...info(records), txId, gasUsed, feePaid, bytes });
    costs.learn({ packets: records.map(({ packet }) => packet), bytes, gas: gasUsed });
    await book.ingest({ chainId: target.chainId, events: receipt.events, final: false });
    const told = new Set(receipt.events.flatMap((event) => (isOurs(event.packet) ? [event.packet.sequence] : [])));
    // Without an event: done already, received by an application that acknowledges later, or left out by the proof API.
    const untold = records.filter(({ sequence }) => !told.has(sequence));
    const handled = await handledAt(receipt, untold);
    await leaveToEvents(targetEnd, [...handled], receipt.height);
    const rest = untold.filter((record) => !handled.has(record));
    await blameNobody(rest, `transaction ${txId} had no effect on it`);
  };

  const attempt = async (
    records: readonly PacketRecord[],
  ): Promise<{ verdict: FailureVerdict; records: readonly PacketRecord[] } | undefined> => {
    let stage: 'prove' | 'submit' = 'prove';
    let current = records;
    const noted: Promise<unknown>[] = [];
    // What is done about a packet is written down, never waited for, and may fail: after a stop it is concluded from the
    // chains, and a failed write that matters is met again when the outcome is stored.
    const note = (input: PacketInput): void => {
      const written = book.apply(current, () => input);
      written.catch(() => {});
      noted.push(written);
    };
    try {
      const proven = await proveBatch(deps, records, options.proofTimeoutMs, nameBy(records));
      current = proven.open;
      await leaveToEvents(targetEnd, proven.handled, proven.height);
      if (current.length === 0) return undefined;
      const transaction = await proven.transaction();
      if (deps.isHalted()) return undefined;
      stage = 'submit';
      note({ type: 'proven', leg });
      const receipt = await target.sender.submit(transaction, {
        signal,
        onBroadcast: (txId) => {
          emit({ type: 'batch-submitted', ...info(current), txId });
          note({ type: 'submitted', leg, txId });
        },
      });
      await Promise.allSettled(noted);
      if (receipt.success) {
        await settle(current, receipt);
        return undefined;
      }
      const { failure = 'reverted' } = receipt;
      // `Name(arguments)` of an EVM chain, `codespace/code: text` of a Cosmos chain.
      const [revert = failure] = failure.split(/[(:\s]/);
      return { records: current, verdict: classifyFailure({ stage, revert, message: failure }) };
    } catch (error) {
      await Promise.allSettled(noted);
      if (signal.aborted) return undefined;
      return { records: current, verdict: classifyFailure(errorToFacts(error, stage)) };
    }
  };

  const halve = async (
    records: readonly PacketRecord[],
    limits: TransactionLimits,
    search: Search | undefined,
  ): Promise<BatchOutcome> => {
    const middle = Math.ceil(records.length / 2);
    // Both, whatever becomes of one: its packets are taken up again when this returns.
    const halves = await Promise.allSettled([
      run(records.slice(0, middle), limits, search),
      run(records.slice(middle), limits, search),
    ]);
    const outcomes = halves.map((half) => {
      if (half.status === 'rejected') throw half.reason;
      return half.value;
    });
    return (
      outcomes.find(({ kind }) => kind === 'down') ??
      outcomes.find(({ kind }) => kind === 'not-yet') ?? { kind: 'done' }
    );
  };

  /** Whether the node of the target answers anything at all. */
  const isAnswering = (): Promise<boolean> =>
    target.reader.latestBlock({ signal }).then(
      () => true,
      () => false,
    );

  const isPatient = (records: readonly PacketRecord[]): boolean => {
    const since = Math.min(...records.map((record) => impatientSince.get(keyText(record)) ?? clock.now()));
    // Packets that others brought meanwhile are never asked about again: this must not grow with them.
    if (impatientSince.size > MAX_REMEMBERED) impatientSince.clear();
    for (const record of records) {
      if (!impatientSince.has(keyText(record))) impatientSince.set(keyText(record), clock.now());
    }
    return clock.now() - since < options.patienceMs;
  };

  const waitAnew = (records: readonly PacketRecord[]): void => {
    for (const record of records) impatientSince.set(keyText(record), clock.now());
  };

  /** Tries these by halves, one after the other: where nothing goes through, what is left is not even tried. */
  const narrow = async (
    records: readonly PacketRecord[],
    limits: TransactionLimits,
    search: Search,
  ): Promise<BatchOutcome> => {
    if (records.length === 1) {
      search.silent.push(...records);
      return { kind: 'done' };
    }
    const middle = Math.ceil(records.length / 2);
    let outcome: BatchOutcome = { kind: 'done' };
    for (const half of [records.slice(0, middle), records.slice(middle)]) {
      const isInVain = !search.answered && search.silent.length >= MOST_SILENT;
      if (isInVain || outcome.kind === 'down') search.left.push(...half);
      else outcome = await run(half, limits, search);
    }
    return outcome;
  };

  /**
   * The node gave no answer to these packets. That is waited out, also where it answers for its head and for nothing
   * else: a packet is told from the node only by others that go through.
   */
  const unanswered = async (
    records: readonly PacketRecord[],
    reason: string,
    limits: TransactionLimits,
    search: Search | undefined,
  ): Promise<BatchOutcome> => {
    if (search !== undefined) return narrow(records, limits, search);
    const down = async (): Promise<BatchOutcome> => {
      await postpone(records, reason);
      return { kind: 'down', target: outageTarget.chain, reason };
    };
    // What was left without an answer before, while others had one, holds up nobody but its own like.
    const isFresh = records.every(({ attempts }) => attempts === 0);
    if (isFresh && isPatient(records)) return down();
    if (!(await isAnswering())) {
      waitAnew(records);
      return signal.aborted ? { kind: 'done' } : down();
    }
    if (isFresh && records.length === 1) return down();
    const found: Search = { answered: false, silent: [], left: [] };
    const shuffled = records
      .map((record) => ({ record, place: deps.random() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ record }) => record);
    const outcome = await narrow(shuffled, limits, found);
    if (signal.aborted) return { kind: 'done' };
    if (outcome.kind === 'down') {
      await postpone([...found.silent, ...found.left], reason);
      return outcome;
    }
    if (isFresh && !found.answered) {
      waitAnew(records);
      return down();
    }
    await blameNobody(found.silent, reason);
    await postpone(found.left, reason, clock.now() + options.retry.maxMs);
    return { kind: found.answered ? 'done' : 'not-yet' };
  };

  const run = async (
    all: readonly PacketRecord[],
    limits: TransactionLimits,
    search?: Search,
  ): Promise<BatchOutcome> => {
    const dead = Map.groupBy(all, ({ packet }) => undeliverable(packet));
    for (const [reason, records] of dead) if (reason !== undefined) await giveUp(records, reason);
    const deliverable = dead.get(undefined) ?? [];
    if (deliverable.length === 0) return { kind: 'done' };
    const outcome = await attempt(deliverable);
    const kind = outcome?.verdict.kind;
    if (kind !== 'not-yet' && kind !== 'unclear') for (const record of all) impatientSince.delete(keyText(record));
    if (search !== undefined && isAnswer(outcome?.verdict)) search.answered = true;
    if (outcome === undefined) return { kind: 'done' };
    const { verdict, records } = outcome;
    const { reason } = verdict;
    const [only] = records;
    if (only === undefined) return { kind: 'done' };
    switch (verdict.kind) {
      case 'outage':
        await postpone(records, reason);
        return { kind: 'down', target: outageTarget[verdict.of], reason };
      case 'blocked':
        await postpone(records, reason);
        return { kind: 'down', target: outageTarget.way, reason };
      case 'not-yet':
        if (isPatient(records)) {
          await postpone(records, reason);
          return { kind: 'not-yet' };
        }
        waitAnew(records);
        if (records.length > 1) return halve(records, limits, search);
        // From now on it travels apart from fresh packets. Waiting for attestors never makes a dead letter.
        await blameNobody(records, reason);
        return { kind: 'not-yet' };
      case 'unclear':
        if (verdict.of === 'chain') return unanswered(records, reason, limits, search);
        // What failed before by itself is not waited with: it holds up nobody but its own like.
        if (only.attempts === 0 && isPatient(records)) {
          await postpone(records, reason);
          return { kind: 'down', target: outageTarget[verdict.of], reason };
        }
        if (records.length > 1) return halve(records, limits, search);
        await blameNobody(records, reason);
        return { kind: 'not-yet' };
      case 'too-large':
        costs.tooLarge(
          records.map(({ packet }) => packet),
          limits,
        );
        break;
      case 'undeliverable':
        await giveUp(records, reason);
        return { kind: 'done' };
      case 'refused':
        if (!verdict.all && records.length > 1) break;
        await doubt(records, reason);
        return { kind: 'done' };
      case 'bad-packet':
        break;
    }
    if (records.length === 1) {
      if (verdict.kind === 'too-large' && verdict.of === 'way') await blameNobody(records, reason);
      else await blame(records, reason);
      return { kind: 'done' };
    }
    emit({ type: 'batch-failed', ...info(records), reason, attempt: only.attempts + 1, next: 'halve' });
    return halve(records, limits, search);
  };

  const targetEnd: End = leg === 'receive' ? 'dest' : 'source';
  const targetClient = leg === 'receive' ? direction.dest.clientId : direction.source.clientId;
  const from = leg === 'receive' ? direction.source : direction.dest;
  const outageTarget = {
    'proof-api': `proof API from ${from.chainId} to ${target.chainId}`,
    chain: `transactions to chain ${target.chainId}`,
    way: `way to client ${targetClient} on chain ${target.chainId}`,
    store: 'store',
  } as const;
  const putBack = async (records: readonly PacketRecord[]): Promise<void> => {
    await postpone(records, 'the store failed');
  };
  return { run, putBack };
};

import type { Clock, TransactionLimits } from '@interchain-attestation/chains';
import type { BatchPolicy } from '../config.ts';
import { type BackoffPolicy, backoffMs } from '../domain/backoff.ts';
import { type CostModel, MAX_PACKETS_PER_REQUEST } from '../domain/cost-model.ts';
import type { PacketRecord } from '../domain/packet-record.ts';
import { LEG_START, type Leg } from '../domain/packet-state.ts';
import type { Direction } from '../domain/route.ts';
import { keyText, type PacketStore } from '../store/packet-store.ts';
import type { ChainHandle } from '../watch/chain-handle.ts';
import type { ChainView } from '../watch/chain-watcher.ts';
import type { BatchRunner } from './batch-runner.ts';
import type { Outages } from './outages.ts';
import { createWakeup } from './wakeup.ts';

export interface LaneDeps {
  readonly leg: Leg;
  readonly direction: Direction;
  readonly target: ChainHandle;
  readonly targetView: () => ChainView | undefined;
  readonly store: PacketStore;
  readonly runner: BatchRunner;
  readonly costs: CostModel;
  readonly clock: Clock;
  readonly outages: Outages;
  readonly random: () => number;
  /** False while a chain is catching up or the route stands still. */
  readonly isOpen: () => boolean;
}

export interface LaneOptions {
  readonly batch: BatchPolicy;
  readonly retry: BackoffPolicy;
  readonly maxParallelBatches: number;
}

/** Brings the packets of one direction on by one leg. */
export interface Lane {
  readonly leg: Leg;
  readonly direction: Direction;
  /**
   * Looks for work now: a packet was put back to work, or a chain moved on.
   * @param newBlock what was not provable a moment ago may be so now
   */
  kick(newBlock?: boolean): void;
  close(): Promise<void>;
}

/** A gap between two blocks beyond this was a standstill, and says nothing about the next block. */
const MAX_BLOCK_TIME_SEC = 60n;
/** A packet whose timeout is nearer than so many blocks may revert the batch that it is in. */
const NEAR_BLOCKS = 4n;
const LIMITS_TTL_MS = 30_000;
/** "Not final yet" from a proof API that hears of a block a moment later than we do. */
const NOT_YET: BackoffPolicy = { initialMs: 25, maxMs: 1_000 };

/** Creates a lane. */
export const createLane = (deps: LaneDeps, options: LaneOptions): Lane => {
  const { leg, direction, target, store, runner, costs, clock, outages } = deps;
  const inFlight = new Set<string>();
  const batches = new Set<Promise<void>>();
  /** Packets that the store still holds as being on their way, since it failed when they no longer were. */
  let stranded: readonly PacketRecord[] = [];
  /** Version of the store in which nothing waited for this lane, nor would without a change. */
  let quietVersion: number | undefined;
  let pending = false;
  let pumping: Promise<void> | undefined;
  let closed = false;
  let downs = 0;
  let notYets = 0;
  let closedUntilMs = 0;
  let notYetUntilMs = 0;
  let knownLimits: { readonly limits: TransactionLimits; readonly atMs: number } | undefined;
  const downTargets = new Set<string>();
  const wakeup = createWakeup(clock, () => kick());

  const limitsOf = async (): Promise<TransactionLimits> => {
    if (knownLimits === undefined || clock.now() - knownLimits.atMs > LIMITS_TTL_MS) {
      knownLimits = { limits: await target.reader.limits(), atMs: clock.now() };
    }
    return knownLimits.limits;
  };

  /** When the block comes that is so many after the newest one; receives are refused once its time is their timeout. */
  const blockTimeAfter = (blocks: bigint): bigint | undefined => {
    const view = deps.targetView();
    if (leg !== 'receive' || view === undefined) return undefined;
    const blockTimeSec = view.blockTimeSec < MAX_BLOCK_TIME_SEC ? view.blockTimeSec : MAX_BLOCK_TIME_SEC;
    return view.head.timestampSec + blocks * blockTimeSec;
  };

  const isDue = (records: readonly PacketRecord[]): boolean => {
    const { maxPackets, maxWaitMs } = options.batch;
    if (maxWaitMs === 0 || records.length >= maxPackets) return true;
    const since = Math.min(...records.map(({ timesMs }) => timesMs[LEG_START[leg]] ?? 0));
    if (clock.now() >= since + maxWaitMs) return true;
    wakeup.at(since + maxWaitMs);
    return false;
  };

  const start = (records: readonly PacketRecord[], limits: TransactionLimits): void => {
    for (const record of records) inFlight.add(keyText(record));
    const batch = runner
      .run(records, limits)
      .then(
        (outcome) => {
          if (outcome.kind === 'down') {
            downs += 1;
            downTargets.add(outcome.target);
            outages.fail(outcome.target, new Error(outcome.reason));
            closedUntilMs = Math.max(closedUntilMs, clock.now() + backoffMs(options.retry, downs, deps.random()));
          } else if (outcome.kind === 'not-yet') {
            notYets += 1;
            notYetUntilMs = clock.now() + backoffMs(NOT_YET, notYets, deps.random());
          } else {
            downs = 0;
            notYets = 0;
            for (const name of downTargets) outages.ok(name);
            downTargets.clear();
          }
        },
        (error: unknown) => {
          stranded = [...stranded, ...records];
          downs += 1;
          downTargets.add('store');
          outages.fail('store', error);
          closedUntilMs = clock.now() + backoffMs(options.retry, downs, deps.random());
        },
      )
      .finally(() => {
        for (const record of records) inFlight.delete(keyText(record));
        batches.delete(batch);
        kick();
      });
    batches.add(batch);
  };

  const pump = async (): Promise<void> => {
    if (!deps.isOpen()) return;
    const now = clock.now();
    const openMs = Math.max(closedUntilMs, notYetUntilMs);
    if (now < openMs) return wakeup.at(openMs);
    if (stranded.length > 0) {
      const back = stranded;
      await runner.putBack(back);
      stranded = stranded.slice(back.length);
    }
    const free = options.maxParallelBatches - batches.size;
    if (free <= 0) return;
    const version = store.version(direction);
    if (version === quietVersion) return;
    const idle = batches.size === 0;
    const ready = await store.ready(
      leg,
      direction,
      now,
      inFlight.size + free * MAX_PACKETS_PER_REQUEST,
      blockTimeAfter(1n),
    );
    const dueMs = await store.nextDueMs(leg, direction, now);
    if (dueMs !== undefined) wakeup.at(dueMs);
    if (idle && ready.length === 0 && dueMs === undefined) {
      // Nothing is left that the outage could hold up: it ended, or others brought the packets.
      for (const name of downTargets) outages.ok(name);
      downTargets.clear();
      // Packets near their timeout may be taken after all, when blocks come faster again.
      if ((await store.ready(leg, direction, now, 1)).length === 0) quietVersion = version;
    }
    const waiting = ready.filter((record) => !inFlight.has(keyText(record)));
    // Packets that failed before travel apart from the others, and after them: one bad packet must not hold up good ones
    // twice. Those that may time out on their way travel apart as well, and first.
    const nearSec = blockTimeAfter(NEAR_BLOCKS) ?? 0n;
    const groupOf = ({ attempts, packet }: PacketRecord): number =>
      (attempts > 0 ? 2 : 0) + (packet.timeoutTimestampSec <= nearSec ? 1 : 0);
    const groups = Map.groupBy(waiting, groupOf);
    let slots = free;
    for (const index of [1, 0, 3, 2]) {
      const group = groups.get(index) ?? [];
      const isUrgent = index % 2 === 1;
      if (group.length === 0 || !(isUrgent || isDue(group))) continue;
      const limits = await limitsOf();
      let at = 0;
      for (const size of costs.plan(
        group.map(({ packet }) => packet),
        limits,
        options.batch.maxPackets,
      )) {
        if (slots === 0 || closed) return;
        slots -= 1;
        start(group.slice(at, at + size), limits);
        at += size;
      }
    }
  };

  const loop = async (): Promise<void> => {
    while (pending && !closed) {
      pending = false;
      try {
        await pump();
      } catch (error) {
        if (closed) return;
        downs += 1;
        const name = `lane ${leg} to chain ${target.chainId}`;
        downTargets.add(name);
        outages.fail(name, error);
        closedUntilMs = clock.now() + backoffMs(options.retry, downs, deps.random());
        wakeup.at(closedUntilMs);
      }
    }
  };

  function kick(newBlock = false): void {
    pending = true;
    if (newBlock) notYetUntilMs = 0;
    if (pumping !== undefined || closed) return;
    pumping = loop().finally(() => {
      pumping = undefined;
      if (pending) kick();
    });
  }

  return {
    leg,
    direction,
    kick,
    close: async () => {
      closed = true;
      wakeup.close();
      await pumping;
      await Promise.allSettled(batches);
    },
  };
};

import type { Clock } from '@interchain-attestation/chains';
import type { RelayerConfig } from '../config.ts';
import { createCostModel } from '../domain/cost-model.ts';
import { LEGS } from '../domain/packet-state.ts';
import type { Direction } from '../domain/route.ts';
import type { Emit } from '../events.ts';
import type { PacketStore } from '../store/packet-store.ts';
import type { ChainWatcher } from '../watch/chain-watcher.ts';
import { createBatchRunner } from './batch-runner.ts';
import { createExpiryPass } from './expiry-pass.ts';
import type { Halts } from './halts.ts';
import { createLane, type Lane } from './lane.ts';
import { createMissingPass } from './missing-pass.ts';
import { createOrphanPass } from './orphan-pass.ts';
import type { Outages } from './outages.ts';
import type { PacketBook } from './packet-book.ts';
import type { ProofApi } from './proof-request.ts';
import { createRepeated } from './repeated.ts';
import { findSpent } from './spent.ts';

export interface DirectionWorkerDeps {
  readonly direction: Direction;
  readonly source: ChainWatcher;
  readonly dest: ChainWatcher;
  readonly proofApi: ProofApi;
  readonly store: PacketStore;
  readonly book: PacketBook;
  readonly halts: Halts;
  readonly outages: Outages;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly random: () => number;
}

/** All the work for packets that travel in one direction of a route. */
export interface DirectionWorker {
  readonly direction: Direction;
  /** One of the two chains moved on. */
  onAdvanced(): void;
  kick(): void;
  close(): Promise<void>;
}

/** Creates the lanes and the passes of one direction. */
export const createDirectionWorker = (deps: DirectionWorkerDeps, config: RelayerConfig): DirectionWorker => {
  const { direction, source, dest, store, book, halts, clock, outages, random } = deps;
  const closing = new AbortController();
  const { signal } = closing;
  const retry = { initialMs: config.retryInitialMs, maxMs: config.retryMaxMs };
  const isHalted = (): boolean => halts.isHalted(direction.routeId);
  const isOpen = (): boolean => !isHalted() && source.view() !== undefined && dest.view() !== undefined;
  const missing = createMissingPass({ ...deps, signal });
  const orphans = createOrphanPass({ ...deps, graceSec: BigInt(config.orphanGraceSec), signal });
  const expiry = createExpiryPass(direction, dest, store, book, signal, (records, height) => {
    missing.suspect('receive', 'dest', records, height);
  });

  const lanes: readonly Lane[] = LEGS.map((leg) => {
    const target = leg === 'receive' ? dest : source;
    const costs = createCostModel(leg, target.chain.reader.kind);
    const runner = createBatchRunner(
      {
        ...deps,
        leg,
        costs,
        signal,
        isHalted,
        hasBlockNames: (leg === 'acknowledge' ? dest : source).chain.reader.kind === 'cosmos',
        target: target.chain,
        targetView: target.view,
        onHandled: (end, records, height) => missing.suspect(leg, end, records, height),
        findSpent: (records) => findSpent(source, records, signal),
      },
      { retry, maxAttempts: config.maxAttempts, proofTimeoutMs: config.proofTimeoutMs, patienceMs: config.patienceMs },
    );
    return createLane(
      {
        leg,
        direction,
        target: target.chain,
        targetView: target.view,
        store,
        runner,
        costs,
        clock,
        outages,
        random,
        isOpen,
      },
      { batch: config.batch[leg], retry, maxParallelBatches: config.maxParallelBatches },
    );
  });

  const passes = createRepeated({
    target: `looking through packets from ${direction.source.chainId}/${direction.source.clientId}`,
    clock,
    outages,
    retry,
    random,
    run: async () => {
      if (!isOpen()) return;
      const failures: unknown[] = [];
      // One that fails, for as long as it may, does not keep the others from their packets.
      for (const pass of [expiry, orphans, missing.run]) {
        await pass().catch((error: unknown) => failures.push(error));
      }
      for (const lane of lanes) lane.kick();
      if (failures.length > 0) throw failures[0];
    },
  });

  return {
    direction,
    onAdvanced: () => {
      for (const lane of lanes) lane.kick(true);
      passes.kick();
    },
    kick: () => {
      for (const lane of lanes) lane.kick();
    },
    close: async () => {
      closing.abort(new Error('the relayer stops'));
      await Promise.all([passes.close(), ...lanes.map((lane) => lane.close())]);
    },
  };
};

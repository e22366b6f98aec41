import type { BlockHeader, Clock } from '@interchain-attestation/chains';
import type { Hex } from '@interchain-attestation/core';
import type { Kysely } from 'kysely';
import type { RelayerConfig } from './config.ts';
import type { PacketKey, PacketRecord } from './domain/packet-record.ts';
import { baseState, legOf } from './domain/packet-state.ts';
import { createRouteTable, type Route } from './domain/route.ts';
import { RelayerError } from './errors.ts';
import type { Emit, RelayerEvent } from './events.ts';
import { createDirectionWorker, type DirectionWorker } from './relay/direction-worker.ts';
import { loadHalts } from './relay/halts.ts';
import { createOutages } from './relay/outages.ts';
import { createPacketBook } from './relay/packet-book.ts';
import type { ProofApi } from './relay/proof-request.ts';
import { INTERRUPTED, recoverInterrupted } from './relay/recover.ts';
import { startRetention } from './relay/retention.ts';
import { readCursor, writeCursor, writeStart } from './store/cursors.ts';
import { createHaltStore, type Halt } from './store/halts.ts';
import { openDatabase } from './store/open-database.ts';
import { createPacketQueries, type PacketQueries } from './store/packet-queries.ts';
import { createPacketStore } from './store/packet-store.ts';
import type { Database } from './store/schema.ts';
import type { ChainHandle } from './watch/chain-handle.ts';
import { type ChainWatcher, createChainWatcher } from './watch/chain-watcher.ts';

/** What a relayer stands on. */
export interface RelayerDeps {
  /** One for each configured chain. */
  readonly chains: readonly ChainHandle[];
  readonly proofApi: ProofApi;
  readonly clock: Clock;
  /** Hears of everything, after it is stored. Must not throw. */
  readonly onEvent?: Emit | undefined;
  /** Uniform in [0, 1); for jitter. */
  readonly random?: (() => number) | undefined;
  /** Opens the store at the configured path; by default the embedded one. */
  readonly openStore?: ((path: string) => Promise<Kysely<Database>>) | undefined;
}

/** How far one chain is. */
export interface ChainProgress {
  readonly chainId: string;
  readonly head?: BlockHeader;
  readonly finalized?: BlockHeader;
  readonly cursorHeight?: bigint;
  /** Unix milliseconds at which the newest head was heard of. */
  readonly headSeenMs?: number;
  /** All events up to a final block are stored. */
  readonly synced: boolean;
  readonly reachable: boolean;
}

/** A running relayer. */
export interface Relayer {
  readonly queries: PacketQueries;
  readonly routes: readonly Route[];
  readonly chains: readonly ChainHandle[];
  progress(): readonly ChainProgress[];
  halts(): readonly Halt[];
  /** What is out, with the Unix milliseconds since when. */
  outages(): ReadonlyMap<string, number>;
  /**
   * Takes up the packets of one transaction, also of one from before the store's records begin.
   * @returns number of packets of configured routes in it
   * @throws RelayerError `relayer/unknown-chain`, `relayer/no-packets`; ChainError `chain/tx-not-found`, ...
   */
  relayTransaction(chainId: string, txId: Hex): Promise<number>;
  /** Puts dead letters of a client back to work: all, or those of the given sequences. @returns how many */
  retry(sourceChainId: string, sourceClientId: string, sequences: readonly bigint[]): Promise<number>;
  /** @throws RelayerError `relayer/unknown-route` */
  resumeRoute(routeId: string): Promise<void>;
  /** Forgets finished packets that are older than the configuration keeps, without waiting for the next round. */
  forgetFinished(): Promise<number>;
  /** Stops taking up work, waits for what is being written, and closes the store. */
  close(): Promise<void>;
}

/** After a resume from a reorganisation of final blocks: how many blocks are read again. */
const REWIND_BLOCKS = 10_000n;
/** A transaction that a stop left on its way is looked for during this many blocks, at most so long. */
const RECOVERY_BLOCKS = 2n;
const RECOVERY_MAX_MS = 60_000;
const RETRY_PAGE = 1_000;

/**
 * Opens the store and starts relaying.
 * @throws RelayerError `relayer/store-locked`, `relayer/store-unusable`, `relayer/unknown-chain`
 */
export const createRelayer = async (deps: RelayerDeps, config: RelayerConfig): Promise<Relayer> => {
  const { clock, chains } = deps;
  const random = deps.random ?? Math.random;
  const emit: Emit = (event: RelayerEvent) => deps.onEvent?.(event);
  const handleOf = (chainId: string): ChainHandle => {
    const handle = chains.find((chain) => chain.chainId === chainId);
    if (handle !== undefined) return handle;
    throw new RelayerError('relayer/unknown-chain', `chain ${chainId} is not configured`, { meta: { chainId } });
  };
  for (const { chainId } of config.chains) handleOf(chainId);

  const db = await (deps.openStore ?? openDatabase)(config.storePath);
  const store = createPacketStore(db, clock.now);
  const queries = createPacketQueries(db);
  const routes = createRouteTable(config.routes);
  const halts = await loadHalts(createHaltStore(db), clock, emit);
  const outages = createOutages(clock, emit);
  const book = createPacketBook({ store, routes, halts, clock, emit });
  const workers: DirectionWorker[] = [];
  let held = await recoverInterrupted(store, book, clock, RECOVERY_MAX_MS);
  const firstHeads = new Map<string, bigint>();

  const targetOf = (record: PacketRecord): string =>
    legOf(baseState(record)) === 'receive' ? record.destChainId : record.sourceChainId;

  /** Releases what a restart held back, once the chain had the time to tell what became of it. */
  const release = async (chainId: string): Promise<void> => {
    const height = watchers.get(chainId)?.view()?.head.height;
    if (held.length === 0 || height === undefined) return;
    const first = firstHeads.get(chainId) ?? height;
    firstHeads.set(chainId, first);
    if (height < first + RECOVERY_BLOCKS) return;
    const due = held.filter((record) => targetOf(record) === chainId);
    held = held.filter((record) => targetOf(record) !== chainId);
    await book.apply(due, (record) => {
      const leg = legOf(baseState(record));
      if (leg === undefined || record.waiting !== INTERRUPTED) return { type: 'none' };
      return { type: 'postponed', leg, reason: INTERRUPTED, nextAttemptMs: 0 };
    });
  };

  const onAdvanced = (chainId: string): void => {
    const touched = workers.filter(
      ({ direction }) => direction.source.chainId === chainId || direction.dest.chainId === chainId,
    );
    for (const worker of touched) worker.onAdvanced();
    if (held.length === 0) return;
    release(chainId).then(
      () => {
        for (const worker of touched) worker.kick();
      },
      (error: unknown) => outages.fail('store', error),
    );
  };

  const routesOf = (chainId: string): readonly Route[] =>
    config.routes.filter(({ ends }) => ends.some((end) => end.chainId === chainId));

  const watchers: ReadonlyMap<string, ChainWatcher> = new Map(
    config.chains.map(({ chainId, startHeight }) => [
      chainId,
      createChainWatcher(
        {
          chain: handleOf(chainId),
          clientIds: new Set(
            routesOf(chainId).flatMap(({ ends }) =>
              ends.flatMap((end) => (end.chainId === chainId ? end.clientId : [])),
            ),
          ),
          store,
          book,
          clock,
          outages,
          emit,
          random,
          readCursor: () => readCursor(db, chainId),
          saveCursor: (cursor) => writeCursor(db, cursor, clock.now()),
          saveStart: (start) => writeStart(db, chainId, start),
          halt: async (code, reason) => {
            for (const { id } of routesOf(chainId)) await halts.halt(id, code, reason);
          },
          onAdvanced: () => onAdvanced(chainId),
        },
        {
          ...(startHeight === undefined ? {} : { startHeight }),
          retry: { initialMs: config.retryInitialMs, maxMs: config.retryMaxMs },
          progressEveryMs: config.progressEveryMs,
        },
      ),
    ]),
  );
  const watcherOf = (chainId: string): ChainWatcher => {
    const watcher = watchers.get(chainId);
    if (watcher !== undefined) return watcher;
    throw new RelayerError('relayer/unknown-chain', `chain ${chainId} is not configured`, { meta: { chainId } });
  };
  for (const direction of routes.directions) {
    const ends = { source: watcherOf(direction.source.chainId), dest: watcherOf(direction.dest.chainId) };
    workers.push(
      createDirectionWorker(
        { ...ends, direction, proofApi: deps.proofApi, store, book, halts, outages, clock, emit, random },
        config,
      ),
    );
  }
  const retention = startRetention(
    { directions: routes.directions, watcherOf, store, clock, outages, random },
    {
      keepMs: config.keepFinishedSec * 1_000,
      keepBlocks: REWIND_BLOCKS,
      retry: { initialMs: config.retryInitialMs, maxMs: config.retryMaxMs },
    },
  );
  for (const watcher of watchers.values()) watcher.start();
  const kickAll = (): void => {
    for (const worker of workers) worker.kick();
  };

  return {
    queries,
    chains,
    routes: config.routes,
    halts: halts.list,
    outages: outages.current,
    progress: () =>
      [...watchers.values()].map((watcher) => {
        const { chainId } = watcher.chain;
        const view = watcher.view();
        const cursorHeight = watcher.cursor()?.height;
        return {
          chainId,
          ...(view === undefined ? {} : { head: view.head, finalized: view.finalized, headSeenMs: view.headSeenMs }),
          ...(cursorHeight === undefined ? {} : { cursorHeight }),
          synced: view !== undefined,
          reachable: !outages.current().has(`chain ${chainId}`),
        };
      }),
    relayTransaction: async (chainId, txId) => {
      const watcher = watcherOf(chainId);
      // In this order: what stands at or below a block that was final before it was looked for stands there for good.
      const final = await watcher.chain.reader.finalizedBlock();
      const events = await watcher.chain.events.transactionEvents(txId);
      const concerning = events.filter(
        ({ type, packet }) =>
          routes.match(chainId, type === 'write-acknowledgement' ? 'dest' : 'source', packet).kind !== 'foreign',
      );
      if (concerning.length === 0) {
        throw new RelayerError('relayer/no-packets', `transaction ${txId} has no packet of a configured route`, {
          meta: { chainId, txId },
        });
      }
      for (const event of concerning) {
        await book.ingest({ chainId, events: [event], final: event.height <= final.height });
      }
      kickAll();
      return concerning.length;
    },
    retry: async (sourceChainId, sourceClientId, sequences) => {
      let retried = 0;
      for (;;) {
        const filter = { states: ['failed'], sourceChainId, sourceClientId, sequences };
        const { packets } = await queries.list(filter, RETRY_PAGE);
        const keys: readonly PacketKey[] = packets;
        retried += (await book.apply(keys, () => ({ type: 'retry' }))).length;
        if (packets.length < RETRY_PAGE) break;
      }
      kickAll();
      return retried;
    },
    resumeRoute: async (routeId) => {
      const halt = halts.list().find((item) => item.routeId === routeId);
      if (halt?.code === 'reorg-past-finality') {
        const ends = config.routes.find(({ id }) => id === routeId)?.ends ?? [];
        for (const { chainId } of ends) await watchers.get(chainId)?.rewind(REWIND_BLOCKS);
      }
      await halts.resume(routeId);
      kickAll();
    },
    forgetFinished: retention.run,
    close: async () => {
      await retention.close();
      await Promise.all([...watchers.values()].map((watcher) => watcher.close()));
      await Promise.all(workers.map((worker) => worker.close()));
      await db.destroy();
    },
  };
};

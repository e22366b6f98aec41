import type { BlockHeader, Clock, PacketEvent } from '@interchain-attestation/chains';
import { isAttestationError } from '@interchain-attestation/core';
import { type BackoffPolicy, backoffMs } from '../domain/backoff.ts';
import { RelayerError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Outages } from '../relay/outages.ts';
import type { PacketBook } from '../relay/packet-book.ts';
import { createWakeup } from '../relay/wakeup.ts';
import type { Cursor } from '../store/cursors.ts';
import type { PacketStore } from '../store/packet-store.ts';
import type { ChainHandle } from './chain-handle.ts';
import { assertComplete } from './final-reader.ts';
import { firstCursor } from './first-cursor.ts';
import { createSendCompleter } from './send-completer.ts';

/** How far a chain is known. */
export interface ChainView {
  readonly head: BlockHeader;
  readonly finalized: BlockHeader;
  readonly cursor: Cursor;
  /** Unix milliseconds at which the newest head was heard of. */
  readonly headSeenMs: number;
  /** Seconds between the last two heads, rounded up; 0 while unknown. */
  readonly blockTimeSec: bigint;
}

/** Follows one chain: stores its packet events and tells whenever it has moved on. */
export interface ChainWatcher {
  readonly chain: ChainHandle;
  /** Undefined until all events up to a final block are stored for the first time since the start. */
  view(): ChainView | undefined;
  /** Where the stored events end, also while catching up. */
  cursor(): Cursor | undefined;
  start(): void;
  /** Reads what is new, without waiting for the next head. */
  kick(): void;
  /** Says that the events of this block and of those before it are not known any more. */
  startAfter(block: BlockHeader): Promise<void>;
  /** Goes on from the chain as it is now, after it dropped final blocks: re-reads the last `blocks` blocks. */
  rewind(blocks: bigint): Promise<void>;
  close(): Promise<void>;
}

export interface ChainWatcherDeps {
  readonly chain: ChainHandle;
  /** Clients of the routes on this chain. */
  readonly clientIds: ReadonlySet<string>;
  readonly store: PacketStore;
  readonly book: PacketBook;
  readonly clock: Clock;
  readonly outages: Outages;
  readonly emit: Emit;
  readonly random: () => number;
  readCursor(): Promise<Cursor | undefined>;
  saveCursor(cursor: Cursor): Promise<void>;
  saveStart(start: Pick<Cursor, 'startHeight' | 'startTimeSec'>): Promise<void>;
  /** All routes of the chain must stand still. */
  halt(code: string, reason: string): Promise<void>;
  /** The stored events reach a new final block, or the head moved. */
  onAdvanced(): void;
}

export interface ChainWatcherOptions {
  /** First block whose events are wanted at the very first start; undefined: the one after the final block. */
  readonly startHeight?: bigint;
  readonly retry: BackoffPolicy;
  /** How often a long backfill tells how far it is. */
  readonly progressEveryMs: number;
}

/** Backfills shorter than this many blocks are not worth a word. */
const QUIET_BLOCKS = 50n;

/** An answer that does not read may be an accident of the connection; this many in a row are none. */
const MALFORMED_TRIES = 3;

const isMalformedEvent = (error: unknown): error is Error =>
  isAttestationError(error) && error.meta.kind === 'malformed' && error.meta.what === 'packet event';

/** A reader may remember the final block for a moment: when it did not move with the head, it is asked once more. */
const RECHECK_MS = 210;

/** So many heads in a row below the newest one are no node that is behind: the chain went back. */
const LOWER_HEADS = 4;

const furthest = (a: BlockHeader, b: BlockHeader): BlockHeader => (a.height > b.height ? a : b);

/** Creates the watcher of a chain. */
export const createChainWatcher = (deps: ChainWatcherDeps, options: ChainWatcherOptions): ChainWatcher => {
  const { chain, store, book, clock, outages, emit } = deps;
  const { chainId, reader } = chain;
  const target = `chain ${chainId}`;
  const closing = new AbortController();
  const { signal } = closing;
  const recheck = createWakeup(clock, () => kick());
  const sends = createSendCompleter(deps, signal);
  let head: BlockHeader | undefined;
  let headSeenMs = clock.now();
  let lowerHeads = 0;
  let blockTimeSec = 0n;
  let finalized: BlockHeader | undefined;
  let cursor: Cursor | undefined;
  let start: Pick<Cursor, 'startHeight' | 'startTimeSec'> | undefined;
  let provisional: BlockHeader | undefined;
  let synced = false;
  let failuresTold = 0;
  let pending = false;
  let rewound = false;
  let running: Promise<void> | undefined;
  let watching: { close(): void } | undefined;

  const ensureCursor = async (): Promise<Cursor> => {
    if (cursor !== undefined) return cursor;
    const stored = await deps.readCursor();
    const made = await firstCursor(chain, stored, options.startHeight, signal);
    if (made !== stored) await deps.saveCursor(made);
    sends.reset(made.sends);
    cursor = made;
    return made;
  };

  const assertCursorCanonical = async (at: Cursor): Promise<void> => {
    const [header] = await reader.headers([at.height], { signal });
    if (header?.hash === at.blockHash) return;
    if (header === undefined) {
      throw new RelayerError(
        'relayer/incomplete-events',
        `chain ${chainId} does not know block ${at.height} (any more)`,
        {
          retryable: true,
          meta: { chainId, height: at.height },
        },
      );
    }
    const reason = `block ${at.height} of chain ${chainId} was final with hash ${at.blockHash} and is now ${header.hash}`;
    await deps.halt('reorg-past-finality', reason);
    throw new RelayerError('relayer/reorg-past-finality', reason, { meta: { chainId, height: at.height } });
  };

  const readFinal = async (from: Cursor, to: BlockHeader): Promise<void> => {
    const first = from.height + 1n;
    const long = to.height - from.height > QUIET_BLOCKS;
    let toldMs = clock.now();
    let at = from;
    const canonical = assertCursorCanonical(from);
    canonical.catch(() => {});
    for await (const { through, events: told } of chain.events.events(first, to.height, { signal })) {
      await canonical;
      const [header] = through === to.height ? [to] : await reader.headers([through], { signal });
      const events = await sends.complete(told, through);
      const stale = events.some((event) => event.height === through && event.blockHash !== header?.hash);
      if (header === undefined || stale) {
        throw new RelayerError('relayer/incomplete-events', `block ${through} changed while its events were read`, {
          retryable: true,
          meta: { chainId, height: through },
        });
      }
      const range = { from: at.height + 1n, to: through };
      await assertComplete(chain, store, range, events, signal);
      at = { ...at, height: through, blockHash: header.hash, sends: sends.note(events) };
      await book.ingest({ chainId, events, final: true, complete: range }, at);
      cursor = { ...at, ...start };
      const done = through === to.height;
      if (long && (done || clock.now() - toldMs >= options.progressEveryMs)) {
        toldMs = clock.now();
        emit({ type: 'backfill', chainId, from: first, to: to.height, through });
      }
    }
    if (at.height !== to.height) {
      throw new RelayerError('relayer/incomplete-events', `events of chain ${chainId} end at block ${at.height}`, {
        retryable: true,
        meta: { chainId, height: at.height, expected: to.height },
      });
    }
  };

  const continues = async (before: BlockHeader, now: BlockHeader): Promise<boolean> => {
    if (now.height === before.height) return now.hash === before.hash;
    if (now.height < before.height) return false;
    if (now.height === before.height + 1n) return now.parentHash === before.hash;
    const [header] = await reader.headers([before.height], { signal });
    return header?.hash === before.hash;
  };

  /** Looks at blocks that are not final yet, so that packets show up at once; nothing is paid for on their word. */
  const readHead = async (final: BlockHeader, now: BlockHeader): Promise<void> => {
    const before = provisional !== undefined && provisional.height > final.height ? provisional : final;
    const goesOn = await continues(before, now);
    const from = (goesOn ? before.height : final.height) + 1n;
    if (from <= now.height || !goesOn) {
      const events: PacketEvent[] = [];
      if (from <= now.height) {
        for await (const piece of chain.events.events(from, now.height, { signal })) events.push(...piece.events);
      }
      const complete = goesOn ? {} : { complete: { from, to: furthest(before, now).height } };
      await book.ingest({ chainId, events, final: false, ...complete });
    }
    provisional = now;
  };

  const sync = async (): Promise<void> => {
    const before = failuresTold;
    const known = await ensureCursor();
    const final = await reader.finalizedBlock({ signal });
    if (head === undefined || head.height < final.height) onHead(await reader.latestBlock({ signal }), false);
    if (final.height > known.height) await readFinal(known, final);
    if (synced && final.height === finalized?.height && head?.hash !== provisional?.hash)
      recheck.at(clock.now() + RECHECK_MS);
    const progressed = !synced || final.height !== finalized?.height || rewound;
    finalized = final;
    synced = true;
    rewound = false;
    // A failure that was told meanwhile came after this look at the chain began.
    if (failuresTold === before) outages.ok(target);
    const now = head;
    if (now === undefined) return;
    emit({ type: 'advanced', chainId, head: now, finalized: final });
    if (progressed) deps.onAdvanced();
    if (now.height > final.height) await readHead(final, now);
    deps.onAdvanced();
  };

  const loop = async (): Promise<void> => {
    let failures = 0;
    while (pending && !signal.aborted) {
      pending = false;
      try {
        await sync();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        outages.fail(target, error);
        if (failures >= MALFORMED_TRIES && isMalformedEvent(error)) {
          await deps.halt('malformed-event', `chain ${chainId}: ${error.message}`);
        }
        pending = true;
        await clock.sleep(backoffMs(options.retry, failures, deps.random()), signal).catch(() => {});
      }
    }
  };

  function kick(): void {
    pending = true;
    if (running !== undefined || signal.aborted) return;
    running = loop().finally(() => {
      running = undefined;
      if (pending) kick();
    });
  }

  function onHead(next: BlockHeader, andKick = true): void {
    // A node that is behind the one before it: going back would take back what newer blocks showed, and repeat it.
    if (head !== undefined && next.height < head.height && ++lowerHeads < LOWER_HEADS) {
      if (andKick) kick();
      return;
    }
    lowerHeads = 0;
    if (head !== undefined && next.height > head.height) {
      const apart = next.timestampSec - head.timestampSec;
      const blocks = next.height - head.height;
      blockTimeSec = apart <= 0n ? 0n : (apart + blocks - 1n) / blocks;
    }
    if (head?.hash !== next.hash) headSeenMs = clock.now();
    head = next;
    if (andKick) kick();
  }

  return {
    chain,
    view: () =>
      synced && head !== undefined && finalized !== undefined && cursor !== undefined
        ? { head, finalized, cursor, headSeenMs, blockTimeSec }
        : undefined,
    cursor: () => cursor,
    start: () => {
      watching = chain.events.watchHeads({
        onHead: (next) => onHead(next),
        onError: (error) => {
          failuresTold += 1;
          outages.fail(target, error);
        },
      });
      kick();
    },
    kick,
    startAfter: async (block) => {
      // What is being read meanwhile writes its cursor with this start as well.
      start = { startHeight: block.height, startTimeSec: block.timestampSec };
      const known = await ensureCursor();
      await deps.saveStart(start);
      cursor = { ...(cursor ?? known), ...start };
    },
    rewind: async (blocks) => {
      const known = await ensureCursor();
      const final = await reader.finalizedBlock({ signal });
      const reached = known.height > final.height ? final : known;
      const first = reader.kind === 'cosmos' ? 1n : 0n;
      const height = reached.height > blocks + first ? reached.height - blocks : first;
      const [at] = await reader.headers([height], { signal });
      if (at === undefined)
        throw new RelayerError('relayer/incomplete-events', `no block ${height}`, { retryable: true });
      const next: Cursor = { ...known, ...start, height, blockHash: at.hash, sends: new Map() };
      await deps.saveCursor(next);
      cursor = next;
      provisional = undefined;
      sends.reset(next.sends);
      rewound = true;
      kick();
    },
    close: async () => {
      watching?.close();
      recheck.close();
      closing.abort(new Error('the relayer stops'));
      await running;
    },
  };
};

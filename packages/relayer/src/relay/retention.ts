import type { BlockHeader, Clock } from '@interchain-attestation/chains';
import { type BackoffPolicy, backoffMs } from '../domain/backoff.ts';
import type { PacketRecord } from '../domain/packet-record.ts';
import type { Direction } from '../domain/route.ts';
import type { PacketStore } from '../store/packet-store.ts';
import type { ChainWatcher } from '../watch/chain-watcher.ts';
import type { Outages } from './outages.ts';

export interface RetentionDeps {
  readonly directions: readonly Direction[];
  readonly watcherOf: (chainId: string) => ChainWatcher;
  readonly store: PacketStore;
  readonly clock: Clock;
  readonly outages: Outages;
  readonly random: () => number;
}

export interface RetentionOptions {
  /** How long finished packets are kept, milliseconds. */
  readonly keepMs: number;
  /** Packets of so many of the newest final blocks are kept in any case: a resume may read these blocks again. */
  readonly keepBlocks: bigint;
  readonly retry: BackoffPolicy;
}

/** Forgets finished packets in the background. */
export interface Retention {
  /** Forgets what is due now. @returns how many packets */
  run(): Promise<number>;
  close(): Promise<void>;
}

const LIMIT = 500;
const EVERY_MS = 600_000;
const FIRST_AFTER_MS = 10_000;

const highest = (heights: readonly (bigint | undefined)[]): bigint =>
  heights.reduce<bigint>((top, height) => (height !== undefined && height > top ? height : top), 0n);

/** Starts to forget finished packets now and then. Whatever is not at its end on both chains, finally, stays. */
export const startRetention = (deps: RetentionDeps, options: RetentionOptions): Retention => {
  const { watcherOf, store, clock, outages } = deps;
  const closing = new AbortController();
  const { signal } = closing;

  /**
   * Once packets are forgotten, the events of a chain are known only from after their last block on: whoever concludes
   * something from an event that is missing must know that first.
   */
  const moveStart = async (watcher: ChainWatcher, height: bigint): Promise<void> => {
    const known = watcher.cursor()?.startHeight;
    if (known === undefined || height <= known) return;
    const [header] = await watcher.chain.reader.headers([height], { signal });
    await watcher.startAfter(header as BlockHeader);
  };

  const forget = async (direction: Direction): Promise<number> => {
    const source = watcherOf(direction.source.chainId);
    const dest = watcherOf(direction.dest.chainId);
    const [from, to] = [source.view()?.cursor.height, dest.view()?.cursor.height];
    if (from === undefined || to === undefined) return 0;
    const due = await store.finished(direction, {
      beforeMs: clock.now() - options.keepMs,
      sourceHeight: from - options.keepBlocks,
      destHeight: to - options.keepBlocks,
      limit: LIMIT,
    });
    if (due.length === 0) return 0;
    const heightsOf = (of: (record: PacketRecord) => readonly (bigint | undefined)[]): bigint =>
      highest(due.flatMap(of));
    await moveStart(
      source,
      heightsOf(({ send, acknowledge, timeout }) => [send?.height, acknowledge?.height, timeout?.height]),
    );
    await moveStart(
      dest,
      heightsOf(({ receive }) => [receive?.height]),
    );
    return store.remove(due);
  };

  const run = async (): Promise<number> => {
    let removed = 0;
    for (const direction of deps.directions) {
      for (;;) {
        signal.throwIfAborted();
        const count = await forget(direction);
        removed += count;
        if (count < LIMIT) break;
      }
    }
    return removed;
  };

  const target = 'forgetting finished packets';
  const loop = async (): Promise<void> => {
    let failures = 0;
    let pauseMs = FIRST_AFTER_MS;
    for (;;) {
      await clock.sleep(pauseMs, signal);
      try {
        await run();
        outages.ok(target);
        failures = 0;
        pauseMs = EVERY_MS;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        outages.fail(target, error);
        pauseMs = backoffMs(options.retry, failures, deps.random());
      }
    }
  };
  const running = loop().catch(() => {});
  return {
    run,
    close: async () => {
      closing.abort(new Error('the relayer stops'));
      await running;
    },
  };
};

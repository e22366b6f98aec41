import { fullJitterMs } from '../../backoff.ts';
import type { ChainEvent } from '../../chain-event.ts';
import type { BlockHeader, Clock } from '../../ports.ts';
import { type CosmosHeaderReader, MAX_BLOCKS } from '../headers.ts';
import { type BlockSubscription, subscribeToBlocks } from './subscription.ts';

export interface HeadHandlers {
  onHead(head: BlockHeader): void;
  onError?(error: Error): void;
}

/** One source of new heads for everybody on this chain: one socket and one poll, however many watch. */
export interface CosmosHeadWatcher {
  watch(handlers: HeadHandlers): { close(): void };
  close(): void;
}

export interface HeadWatcherOptions {
  readonly wsUrl: string;
  readonly chainId: string;
  readonly newest: () => Promise<BlockHeader>;
  readonly headers: CosmosHeaderReader;
  readonly pollIntervalMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly emit: (event: ChainEvent) => void;
}

/** While a subscription delivers, polling only watches over it. */
const SUBSCRIBED_POLL_FACTOR = 10;
const RECONNECT_CAP_MS = 30_000;

/**
 * Tells every block once, in order. The subscription only wakes the reading over HTTP, so an event that was lost, came
 * twice or lies costs nothing: whatever lies between the last head told and the newest one is read and told as well, up
 * to {@link MAX_BLOCKS}. After a longer gap it goes on at the newest; who needs every block reads the range.
 */
export const createCosmosHeadWatcher = (options: HeadWatcherOptions): CosmosHeadWatcher => {
  const { clock, emit } = options;
  const watchers = new Set<HeadHandlers>();
  let newest: BlockHeader | undefined;
  let stopRun: (() => void) | undefined;
  let closed = false;

  const tell = (head: BlockHeader): void => {
    newest = head;
    for (const watcher of [...watchers]) {
      try {
        watcher.onHead(head);
      } catch (error) {
        // A watcher's own fault: it ends neither the subscription nor the poll, and is not hidden.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };

  /** The heads after the last one told. */
  const advance = async (): Promise<readonly BlockHeader[]> => {
    const head = await options.newest();
    const last = newest;
    if (last === undefined) return [head];
    // A balancer's other node may lag: blocks are final, an older head is no news.
    if (head.height <= last.height) return [];
    const missed = head.height - last.height - 1n;
    if (missed === 0n || missed > MAX_BLOCKS) return [head];
    const between = await options.headers.range(last.height + 1n, head.height - 1n);
    return [...between.map(({ header }) => header), head];
  };

  const start = (): (() => void) => {
    const stop = new AbortController();
    let subscription: BlockSubscription | undefined;
    let subscribed = false;
    let eventsSincePoll = 0;
    let failures = 0;
    let wake = new AbortController();

    const pause = (ms: number): Promise<void> =>
      stop.signal.aborted ? Promise.resolve() : clock.sleep(ms, wake.signal).catch(() => {});

    const lost = (): void => {
      subscription = undefined;
      if (subscribed) emit({ type: 'heads-source', source: 'polling' });
      subscribed = false;
      wake.abort();
      const delayMs = 200 + fullJitterMs(failures++, 500, RECONNECT_CAP_MS);
      clock.sleep(delayMs, stop.signal).then(connect, () => {});
    };

    const connect = (): void => {
      if (stop.signal.aborted) return;
      subscription = subscribeToBlocks(options.wsUrl, options, {
        onReady() {
          subscribed = true;
          failures = 0;
          emit({ type: 'heads-source', source: 'subscription' });
          // Heads between the last poll and the subscription.
          wake.abort();
        },
        onBlock() {
          eventsSincePoll++;
          wake.abort();
        },
        onEnd: lost,
      });
    };

    const poll = async (): Promise<void> => {
      let down = false;
      while (!stop.signal.aborted) {
        // Before the question: a wake-up during it must not be lost.
        wake = new AbortController();
        const woken = eventsSincePoll > 0;
        eventsSincePoll = 0;
        const before = newest?.height;
        try {
          const heads = await advance();
          if (stop.signal.aborted) return;
          down = false;
          const moved = before === undefined ? 0n : (heads.at(-1)?.height ?? before) - before;
          // An open socket that brought nothing while the chain went on for several blocks is dead.
          if (subscribed && !woken && eventsSincePoll === 0 && moved > 2n) {
            subscription?.close();
            lost();
          }
          for (const head of heads) tell(head);
        } catch (error) {
          if (stop.signal.aborted) return;
          if (!down) for (const watcher of [...watchers]) watcher.onError?.(error as Error);
          down = true;
        }
        await pause(options.pollIntervalMs * (subscribed && !down ? SUBSCRIBED_POLL_FACTOR : 1));
      }
    };

    connect();
    void poll();
    return () => {
      stop.abort();
      wake.abort();
      subscription?.close();
    };
  };

  const leave = (handlers: HeadHandlers): void => {
    watchers.delete(handlers);
    if (watchers.size > 0 || stopRun === undefined) return;
    stopRun();
    stopRun = undefined;
    newest = undefined;
  };

  return {
    watch(handlers) {
      const watcher: HeadHandlers = { ...handlers };
      if (!closed) {
        watchers.add(watcher);
        stopRun ??= start();
        const known = newest;
        if (known !== undefined)
          queueMicrotask(() => watchers.has(watcher) && newest === known && watcher.onHead(known));
      }
      return { close: () => leave(watcher) };
    },
    close() {
      closed = true;
      for (const watcher of [...watchers]) leave(watcher);
    },
  };
};

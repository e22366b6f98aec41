import { fullJitterMs } from '../../backoff.ts';
import type { ChainEvent } from '../../chain-event.ts';
import type { BlockHeader, Clock } from '../../ports.ts';
import { type HeadSubscription, subscribeToHeads } from './subscription.ts';

export interface HeadHandlers {
  onHead(head: BlockHeader): void;
  onError?(error: Error): void;
}

/** One source of new heads for everybody on this chain: one socket and one poll, however many watch. */
export interface HeadWatcher {
  watch(handlers: HeadHandlers): { close(): void };
  close(): void;
}

export interface HeadWatcherOptions {
  /** Undefined: poll only. */
  readonly wsUrl: string | undefined;
  readonly chainId: bigint;
  readonly genesisHash: () => string | undefined;
  readonly latestBlock: () => Promise<BlockHeader>;
  /** Told first of each head, before any watcher. */
  readonly onNewHead: () => void;
  readonly pollIntervalMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly emit: (event: ChainEvent) => void;
}

/** While a subscription delivers, polling only watches over it. */
const SUBSCRIBED_POLL_FACTOR = 10;
const RECENT_HEADS = 128;
const RECONNECT_CAP_MS = 30_000;

export const createHeadWatcher = (options: HeadWatcherOptions): HeadWatcher => {
  const { clock, emit } = options;
  const watchers = new Set<HeadHandlers>();
  /** Hashes told already: a slow answer must not bring back an old head. */
  const recent = new Set<string>();
  let newest: BlockHeader | undefined;
  let stopRun: (() => void) | undefined;
  let closed = false;

  const tell = (head: BlockHeader): void => {
    if (recent.has(head.hash)) return;
    recent.add(head.hash);
    if (recent.size > RECENT_HEADS) for (const oldest of [...recent].slice(0, RECENT_HEADS / 2)) recent.delete(oldest);
    newest = head;
    options.onNewHead();
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

  const start = (): (() => void) => {
    const stop = new AbortController();
    let subscription: HeadSubscription | undefined;
    let subscribed = false;
    let lastSubscribedHead = 0n;
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
      if (options.wsUrl === undefined || stop.signal.aborted) return;
      subscription = subscribeToHeads(
        options.wsUrl,
        { ...options, chainId: options.chainId },
        {
          onReady() {
            subscribed = true;
            failures = 0;
            emit({ type: 'heads-source', source: 'subscription' });
            // Heads between the last poll and the subscription.
            wake.abort();
          },
          onHead(head) {
            lastSubscribedHead = head.height;
            tell(head);
          },
          onEnd: lost,
        },
      );
    };

    const poll = async (): Promise<void> => {
      let down = false;
      let seenBefore = 0n;
      while (!stop.signal.aborted) {
        // Before the question: a wake-up during it must not be lost.
        wake = new AbortController();
        try {
          const head = await options.latestBlock();
          if (stop.signal.aborted) return;
          down = false;
          // An open socket that brought nothing between two polls while the chain went on is dead.
          if (subscribed && lastSubscribedHead === 0n) lastSubscribedHead = head.height;
          if (subscribed && lastSubscribedHead === seenBefore && head.height > lastSubscribedHead + 1n) {
            subscription?.close();
            lost();
          }
          seenBefore = lastSubscribedHead;
          tell(head);
        } catch (error) {
          if (stop.signal.aborted) return;
          if (!down) for (const watcher of [...watchers]) watcher.onError?.(error as Error);
          down = true;
        }
        await pause(options.pollIntervalMs * (subscribed ? SUBSCRIBED_POLL_FACTOR : 1));
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
    recent.clear();
  };

  return {
    watch(handlers) {
      const watcher: HeadHandlers = { ...handlers };
      if (!closed) {
        watchers.add(watcher);
        stopRun ??= start();
        const known = newest;
        if (known !== undefined) queueMicrotask(() => watchers.has(watcher) && watcher.onHead(known));
      }
      return { close: () => leave(watcher) };
    },
    close() {
      closed = true;
      for (const watcher of [...watchers]) leave(watcher);
    },
  };
};

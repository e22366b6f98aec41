import type { BlockHeader, EventSource } from '@interchain-attestation/chains';

/** Wakes those who wait for the next block of one chain. */
export class Heads {
  readonly #watch: { close(): void };
  #waiters = new Set<() => void>();
  #latest: BlockHeader | undefined;

  /** @param onHead called at each new head, @param onError once an outage, as the event source reports it */
  constructor(events: EventSource, onHead?: (head: BlockHeader) => void, onError?: (error: Error) => void) {
    this.#watch = events.watchHeads({
      onHead: (head) => {
        this.#latest = head;
        this.wake();
        onHead?.(head);
      },
      onError: (error) => onError?.(error),
    });
  }

  /** Newest head seen. */
  get latest(): BlockHeader | undefined {
    return this.#latest;
  }

  /** Lets all waiters go. */
  wake(): void {
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const waiter of waiters) waiter();
  }

  /**
   * Resolves at the next head, after `ms`, or when the signal aborts: whichever comes first; never rejects.
   * @returns true for a head
   */
  next(ms: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (head: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(onHead);
        signal.removeEventListener('abort', onEnd);
        resolve(head);
      };
      const onHead = (): void => end(true);
      const onEnd = (): void => end(false);
      const timer = setTimeout(onEnd, ms);
      this.#waiters.add(onHead);
      signal.addEventListener('abort', onEnd, { once: true });
    });
  }

  close(): void {
    this.#watch.close();
    this.wake();
  }
}

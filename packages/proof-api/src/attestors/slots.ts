/**
 * A bounded number of calls at a time; the others wait their turn, and leave the queue when their signal aborts. A hung
 * attestor fills its own slots and nothing else.
 */
export class Slots {
  #free: number;
  readonly #queue = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Waits for a slot.
   * @returns false when the signal aborted first: no slot is held then
   */
  take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#queue.delete(enter);
        resolve(false);
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      this.#queue.add(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Gives a slot back; the first in the queue gets it. */
  give(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#free += 1;
    } else {
      this.#queue.delete(next);
      next();
    }
  }
}

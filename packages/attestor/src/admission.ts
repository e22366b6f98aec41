interface Waiting {
  readonly weight: number;
  readonly enter: () => void;
}

/** Lets work in, in the order of asking, as long as its weight fits under a limit; a single heavier one goes alone. */
export class Admission {
  readonly #limit: number;
  #inside = 0;
  #queue: Waiting[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Runs `work` in its turn.
   * @throws the reason of `signal` when it aborts while waiting, and what `work` throws
   */
  async run<T>(weight: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#queue.length > 0 || !this.#fits(weight)) await this.#wait(weight, signal);
    else this.#inside += weight;
    try {
      return await work();
    } finally {
      this.#inside -= weight;
      this.#admit();
    }
  }

  #fits(weight: number): boolean {
    return this.#inside === 0 || this.#inside + weight <= this.#limit;
  }

  #wait(weight: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue = this.#queue.filter((other) => other !== waiting);
        reject(signal.reason);
        this.#admit();
      };
      const waiting: Waiting = {
        weight,
        enter: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiting);
    });
  }

  #admit(): void {
    for (let next = this.#queue[0]; next !== undefined && this.#fits(next.weight); next = this.#queue[0]) {
      this.#queue.shift();
      this.#inside += next.weight;
      next.enter();
    }
  }
}

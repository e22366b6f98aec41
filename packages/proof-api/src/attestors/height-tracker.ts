import { quorumHeight } from '../domain/height.ts';
import type { Attestor } from './attestor.ts';
import type { Heads } from './heads.ts';

/** How long the slower attestors may take to tell a higher height than the quorum that answered first, in ms. */
const COMPANY_MS = 250;

/**
 * Keeps what each attestor of one chain reports as its latest height, off the path of any request: asked again at each
 * new block of the chain, but not more often than the interval. The same calls probe attestors whose circuit is open.
 */
export class HeightTracker {
  readonly #attestors: readonly Attestor[];
  readonly #heads: Heads;
  readonly #intervalMs: number;
  readonly #stop = new AbortController();

  constructor(attestors: readonly Attestor[], heads: Heads, intervalMs: number) {
    this.#attestors = attestors;
    this.#heads = heads;
    this.#intervalMs = intervalMs;
  }

  /** Last reports, of those that ever answered. */
  get reports(): readonly bigint[] {
    return this.#attestors.flatMap(({ latestHeight }) => (latestHeight === undefined ? [] : [latestHeight]));
  }

  start(): void {
    void this.#loop();
  }

  /**
   * Asks everybody now and resolves as soon as `count` of them have answered and as many report more than `above`, or
   * none is left to wait for. The first answers may be those of liars who report little: they get company for a moment.
   */
  async refresh(count: number, above: bigint, signal: AbortSignal): Promise<void> {
    let answered = 0;
    let timer: NodeJS.Timeout | undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const onEnough = (): void => {
      if ((quorumHeight(this.reports, count) ?? 0n) > above) resolve();
      else timer ??= setTimeout(resolve, COMPANY_MS);
    };
    const calls = this.#attestors.map(async (attestor) => {
      const failure = await attestor.refreshHeight(this.#stop.signal);
      if (failure === undefined) answered += 1;
      if (answered >= count) onEnough();
    });
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    void Promise.allSettled(calls).then(() => resolve());
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      for (const attestor of this.#attestors) {
        if (attestor.breaker.tryPass()) void attestor.refreshHeight(this.#stop.signal);
      }
      await this.#heads.next(this.#intervalMs, this.#stop.signal);
      await this.#pause();
    }
  }

  /** The rest of the interval after an early head: a chain with fast blocks must not multiply the calls. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stop.signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        this.#stop.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(this.#intervalMs, 250));
      this.#stop.signal.addEventListener('abort', end, { once: true });
    });
  }
}

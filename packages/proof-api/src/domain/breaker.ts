export interface BreakerOptions {
  /** Failures in a row after which an attestor is no longer asked. */
  readonly failures: number;
  /** How long it is left alone at first; doubles with each failed probe. */
  readonly openMs: number;
  readonly maxOpenMs: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Circuit breaker of one attestor: after some failures in a row nothing is asked for a while, then one probe decides.
 * It only saves work: a slow attestor never holds up an answer, since all are asked at once.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #now: () => number;
  #failuresInRow = 0;
  #openMs: number;
  #openUntil: number | undefined;
  #probing = false;

  /** @param now Unix milliseconds */
  constructor(options: BreakerOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    this.#openMs = options.openMs;
  }

  get state(): BreakerState {
    if (this.#openUntil === undefined) return 'closed';
    return this.#now() < this.#openUntil ? 'open' : 'half-open';
  }

  /** True when a call may go out. In the half-open state the first caller takes the one probe. */
  tryPass(): boolean {
    const { state } = this;
    if (state === 'closed') return true;
    if (state === 'open' || this.#probing) return false;
    this.#probing = true;
    return true;
  }

  success(): void {
    this.#failuresInRow = 0;
    this.#openMs = this.#options.openMs;
    this.#openUntil = undefined;
    this.#probing = false;
  }

  failure(): void {
    this.#failuresInRow += 1;
    this.#probing = false;
    if (this.#failuresInRow < this.#options.failures) return;
    // Late failures of calls that went out together must not lengthen the pause.
    if (this.state === 'open') return;
    if (this.#openUntil !== undefined) this.#openMs = Math.min(this.#openMs * 2, this.#options.maxOpenMs);
    this.#openUntil = this.#now() + this.#openMs;
  }

  /** A probe that was cancelled says nothing. */
  abandon(): void {
    this.#probing = false;
  }
}

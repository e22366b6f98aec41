import type { BlockHeader, Clock } from '@interchain-attestation/chains';
import type { ChainState } from './chain-state.ts';
import type { AttestorEvent } from './event.ts';

/** What the chain said last, without anybody asking. */
export interface Poller {
  /** The final block of the last answer, and when it came (Unix milliseconds). */
  last(): { readonly final: BlockHeader; readonly atMs: number } | undefined;
  /** Why the newest attempt failed; undefined when it did not. */
  error(): unknown;
  /** Looks now. */
  poll(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Looks at the final block at an interval: so the view stays current, a reorganisation is found also when nobody asks,
 * and readiness is known without waiting for the chain.
 */
export const createPoller = (options: {
  readonly state: ChainState;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly emit: (event: AttestorEvent) => void;
}): Poller => {
  const { state, clock, intervalMs, emit } = options;
  const ended = new AbortController();
  let last: { final: BlockHeader; atMs: number } | undefined;
  let failure: unknown;
  let polling: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    try {
      const final = await state.latest(ended.signal);
      last = { final, atMs: clock.now() };
      failure = undefined;
      emit({ type: 'final', height: final.height, timestampSec: final.timestampSec });
    } catch (error) {
      if (ended.signal.aborted) return;
      failure = error;
      emit({ type: 'read-failed', operation: 'poll', error });
    }
  };
  const poll = (): Promise<void> => {
    polling ??= look().finally(() => {
      polling = undefined;
    });
    return polling;
  };
  const run = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await poll();
      await clock.sleep(intervalMs, ended.signal).catch(() => {});
    }
  };
  const running = run();
  return {
    last: () => last,
    error: () => failure,
    poll,
    async close() {
      ended.abort();
      await running;
    },
  };
};

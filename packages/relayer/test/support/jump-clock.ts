import { type Clock, systemClock } from '@interchain-attestation/chains';

/** The machine's clock, which a test can put forward: what a test says about waiting then needs no waiting. */
export interface JumpClock extends Clock {
  /** Lets `ms` milliseconds pass at once, and wakes who slept that long. */
  jump(ms: number): void;
}

/** Creates a clock that has not jumped yet. */
export const createJumpClock = (): JumpClock => {
  let offsetMs = 0;
  const sleepers = new Set<() => void>();
  const now = (): number => systemClock.now() + offsetMs;
  return {
    now,
    sleep: async (ms, signal) => {
      const dueMs = now() + ms;
      const waking = new AbortController();
      const wake = (): void => {
        if (now() >= dueMs) waking.abort();
      };
      sleepers.add(wake);
      try {
        const either = signal === undefined ? waking.signal : AbortSignal.any([signal, waking.signal]);
        await systemClock.sleep(ms, either);
      } catch (error) {
        signal?.throwIfAborted();
        if (!waking.signal.aborted) throw error;
      } finally {
        sleepers.delete(wake);
      }
    },
    jump: (ms) => {
      offsetMs += ms;
      for (const wake of [...sleepers]) wake();
    },
  };
};

import type { Clock } from '@interchain-attestation/chains';

/** One alarm: the earliest time that was asked for. */
export interface Wakeup {
  at(timeMs: number): void;
  close(): void;
}

/** Creates an alarm that calls back at the earliest of the times asked for, then forgets it. */
export const createWakeup = (clock: Clock, onWake: () => void): Wakeup => {
  let due = Number.POSITIVE_INFINITY;
  let sleeping: AbortController | undefined;
  let closed = false;
  return {
    at: (timeMs) => {
      if (closed || timeMs >= due) return;
      sleeping?.abort();
      const mine = new AbortController();
      sleeping = mine;
      due = timeMs;
      clock.sleep(Math.max(0, timeMs - clock.now()), mine.signal).then(
        () => {
          due = Number.POSITIVE_INFINITY;
          if (!closed) onWake();
        },
        () => {},
      );
    },
    close: () => {
      closed = true;
      sleeping?.abort();
    },
  };
};

import type { Clock } from '@interchain-attestation/chains';
import type { Emit } from '../events.ts';

/** Tells of the begin and the end of outages: once each, however many attempts fail in between. */
export interface Outages {
  fail(target: string, error: unknown): void;
  ok(target: string): void;
  /** What is out, with the Unix milliseconds since when. */
  current(): ReadonlyMap<string, number>;
}

/** Keeps track of outages by target. */
export const createOutages = (clock: Clock, emit: Emit): Outages => {
  const since = new Map<string, number>();
  return {
    fail: (target, error) => {
      if (since.has(target)) return;
      since.set(target, clock.now());
      emit({ type: 'outage', target, error });
    },
    ok: (target) => {
      const start = since.get(target);
      if (start === undefined) return;
      since.delete(target);
      emit({ type: 'recovered', target, downMs: clock.now() - start });
    },
    current: () => since,
  };
};

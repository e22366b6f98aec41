import type { Clock } from '@interchain-attestation/chains';
import { type BackoffPolicy, backoffMs } from '../domain/backoff.ts';
import type { Outages } from './outages.ts';
import { createWakeup } from './wakeup.ts';

/** Runs the same work again whenever asked, one run at a time; requests that come meanwhile make one further run. */
export interface Repeated {
  kick(): void;
  close(): Promise<void>;
}

export interface RepeatedOptions {
  /** What is out when a run fails. */
  readonly target: string;
  readonly run: () => Promise<void>;
  readonly clock: Clock;
  readonly outages: Outages;
  readonly retry: BackoffPolicy;
  readonly random: () => number;
}

/** Creates repeated work; a failed run is tried again later by itself. */
export const createRepeated = ({ target, run, clock, outages, retry, random }: RepeatedOptions): Repeated => {
  let pending = false;
  let closed = false;
  let failures = 0;
  let running: Promise<void> | undefined;
  const wakeup = createWakeup(clock, () => kick());

  const loop = async (): Promise<void> => {
    while (pending && !closed) {
      pending = false;
      try {
        await run();
        if (failures > 0) outages.ok(target);
        failures = 0;
      } catch (error) {
        if (closed) return;
        failures += 1;
        outages.fail(target, error);
        wakeup.at(clock.now() + backoffMs(retry, failures, random()));
      }
    }
  };
  function kick(): void {
    pending = true;
    if (running !== undefined || closed) return;
    running = loop().finally(() => {
      running = undefined;
      if (pending) kick();
    });
  }
  return {
    kick,
    close: async () => {
      closed = true;
      wakeup.close();
      await running;
    },
  };
};

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clock } from '../../src/ports.ts';

/** What every Clock does. */
export const clockConformance = (name: string, create: () => Clock): void => {
  describe(`Clock: ${name}`, () => {
    test('does not run backwards, and has passed when a sleep ends', async () => {
      const clock = create();
      const before = clock.now();
      await clock.sleep(5);
      // Timers may be a millisecond early against the clock.
      assert.ok(clock.now() >= before + 4);
    });

    test('a sleep ends with the reason of its signal', async () => {
      const clock = create();
      const reason = new Error('woken');
      const stop = new AbortController();
      const sleep = clock.sleep(3_600_000, stop.signal);
      stop.abort(reason);
      await assert.rejects(sleep, reason);
      await assert.rejects(clock.sleep(1, AbortSignal.abort(reason)), reason);
    });
  });
};

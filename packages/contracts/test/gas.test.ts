import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../bench/gas.ts';

// Gas is exact, so the goals are tests. They come from the figures of the deployed contracts (see the bench).
test('peers.md #11: gas and calldata stay linear in a batch, and within the goals', async () => {
  const cases = await run();
  const missed = cases
    .filter(({ ok }) => ok === false)
    .map(({ name, value, peer }) => `${name}: ${value}, peer ${peer}`);
  assert.deepEqual(missed, []);
  assert.ok(cases.filter(({ ok }) => ok === true).length >= 20);
});

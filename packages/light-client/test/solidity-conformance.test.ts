import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareWithContract } from '../conformance/solidity.ts';

test('the Solidity contract and the state machine agree on generated proofs', async () => {
  const report = await compareWithContract('1', 400);
  assert.deepEqual(report.failures, []);
  assert.equal(report.passed, 400);
});

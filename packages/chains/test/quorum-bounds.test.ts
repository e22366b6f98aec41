import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quorumFault } from '../src/quorum-bounds.ts';

test('sets and quorums that no client can have are named', () => {
  assert.equal(quorumFault(1, 1), undefined);
  assert.equal(quorumFault(1_000, 667), undefined);
  assert.equal(quorumFault(3, 0), 'quorum 0 of 3');
  assert.equal(quorumFault(3, 4), 'quorum 4 of 3');
  assert.equal(quorumFault(0, 0), 'quorum 0 of 0');
  assert.match(quorumFault(1_001, 1) ?? '', /1001 attestors, more than 1000/);
});

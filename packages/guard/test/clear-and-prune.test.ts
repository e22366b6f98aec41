import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { MAX_UINT64 } from '@interchain-attestation/core';
import { clearGuard, guardEvidence, openGuard } from '@interchain-attestation/guard';
import {
  block,
  commitment,
  entry,
  expectVerdicts,
  KEY,
  newGuard,
  openTestGuard,
  packets,
  SOURCE,
  state,
  temporaryDirectory,
} from './support/fixture.ts';

describe('clearing', () => {
  test('lets the source go on, and the record stays', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    const guard = await openGuard({ path: file, key: KEY, source: SOURCE, create: true, now: () => 77 });
    await expectVerdicts(guard, [
      [state(10), 'ok'],
      [state(10, 1), 'block-hash'],
    ]);
    await guard.close();
    assert.throws(() => clearGuard(file, { reason: '  ' }), { code: 'guard/invalid-input' });
    clearGuard(file, { reason: 'RPC replaced', now: () => 99 });
    assert.deepEqual(
      guardEvidence(file).map(({ atMs, cleared }) => [atMs, cleared]),
      [[77, true]],
    );
    const again = await openTestGuard(t, file, { create: false });
    assert.deepEqual(again.status().operatorLog[0], { atMs: 99, action: 'clear', reason: 'RPC replaced' });
    await expectVerdicts(again, [
      [state(11), 'ok'],
      [state(10, 1), 'block-hash'],
    ]);
  });

  test('records put aside are never contradicted, and never stop the source again', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    const guard = await openGuard({ path: file, key: KEY, source: SOURCE, create: true });
    await expectVerdicts(guard, [
      [packets(block(10), entry('packet', 1, 1), entry('receipt', 2, undefined)), 'ok'],
      [packets(block(30), entry('packet', 3, 1)), 'ok'],
      [state(10, 1), 'block-hash'],
    ]);
    await guard.close();
    clearGuard(file, { reason: 'reorganised past finality', putAsideThrough: 20n });
    const again = await openTestGuard(t, file, { create: false });
    await expectVerdicts(again, [
      [state(10), 'below-floor'],
      [state(20, 1), 'below-floor'],
      [state(21, 1, { timestampSec: 9n }), 'below-floor'],
      [state(21, 1), 'ok'],
      [packets(block(21, 1), entry('packet', 1, 2)), 'cleared-record'],
      [packets(block(21, 1), entry('acknowledgement', 2, 2, { timeoutTimestampSec: 10n })), 'cleared-record'],
      [packets(block(21, 1), entry('packet', 1, 1)), 'ok'],
      [packets(block(21, 1), entry('packet', 3, 2)), 'commitment-changed'],
    ]);
    await again.close();
    assert.throws(() => clearGuard(file, { reason: 'x', putAsideThrough: 19n }), { code: 'guard/invalid-input' });
    assert.throws(() => clearGuard(file, { reason: 'x', putAsideThrough: MAX_UINT64 }), {
      code: 'guard/invalid-input',
    });
  });
});

describe('pruning', () => {
  test('drops the lowest blocks and signs nothing below the floor', async (t) => {
    const guard = await newGuard(t, { maxBlocks: 3, reorgWindow: 2 });
    for (const height of [10, 20, 30, 40, 50]) await guard.record(state(height));
    assert.equal(guard.status().blocks, 3);
    assert.equal(guard.status().floorHeight, 21n);
    await expectVerdicts(guard, [
      [state(20), 'below-floor'],
      [state(5), 'below-floor'],
      [state(25, 0, { timestampSec: 19n }), 'below-floor'],
      [state(30), 'ok'],
      [packets(block(50), entry('packet', 1, 1)), 'ok'],
    ]);
  });

  test('a statement below all others that does not fit is signed once and then lies below the floor', async (t) => {
    const guard = await newGuard(t, { maxBlocks: 1 });
    await expectVerdicts(guard, [
      [state(10), 'ok'],
      [state(5), 'ok'],
      [state(5, 1), 'below-floor'],
      [state(9), 'ok'],
      [state(10, 1), 'block-hash'],
    ]);
  });

  test('forgotten absences raise a floor for packets whose timeout they may have reached', async (t) => {
    const guard = await newGuard(t, { maxAbsences: 2 });
    for (const height of [10, 20, 30, 40]) {
      await guard.record(packets(block(height), entry('receipt', height, undefined, { timeoutTimestampSec: 1n })));
    }
    assert.deepEqual([guard.status().absences, guard.status().absenceFloorSec], [2, 20n]);
    const ack = (height: number, sequence: number, timeoutTimestampSec: bigint) =>
      packets(block(height), entry('acknowledgement', sequence, 1, { timeoutTimestampSec }));
    await expectVerdicts(guard, [
      [ack(40, 10, 10n), 'below-floor'],
      [ack(40, 99, 20n), 'below-floor'],
      [ack(20, 99, 50n), 'below-floor'],
      [ack(40, 99, 21n), 'ok'],
      [ack(41, 10, 50n), 'ok'],
      [ack(41, 30, 50n), 'ok'],
      [ack(41, 40, 30n), 'timeout-contradicted'],
    ]);
  });

  test('a timeout that is proven only after presence was stated meets the absence floor, too', async (t) => {
    const guard = await newGuard(t, { maxAbsences: 1 });
    const ack = (timeoutTimestampSec: bigint, timeoutProven: boolean) =>
      packets(block(90), entry('acknowledgement', 1, 1, { timeoutTimestampSec, timeoutProven }));
    await expectVerdicts(guard, [
      [packets(block(60), entry('receipt', 1, undefined)), 'ok'],
      [packets(block(61), entry('receipt', 2, undefined)), 'ok'],
      [ack(1_000n, false), 'ok'],
      [ack(50n, true), 'below-floor'],
      [ack(61n, true), 'ok'],
    ]);
  });

  test('absences under made-up client ids leave nothing behind once forgotten', async (t) => {
    const guard = await newGuard(t, { maxAbsences: 1 });
    for (let i = 1; i <= 20; i++) {
      const path = { kind: 'receipt', clientId: `made-up-${i}`, sequence: 1n } as const;
      await guard.record(packets(block(i), { path, timeoutTimestampSec: 1n }));
    }
    assert.equal(guard.status().absences, 1);
    const value = { commitment: commitment(1), timeoutTimestampSec: 100n, timeoutProven: true };
    const kept = { kind: 'acknowledgement', clientId: 'made-up-20', sequence: 1n } as const;
    const gone = { kind: 'acknowledgement', clientId: 'made-up-3', sequence: 1n } as const;
    await expectVerdicts(guard, [
      [packets(block(21), { path: gone, ...value }), 'ok'],
      [packets(block(20), { path: kept, ...value }), 'receipt-removed'],
    ]);
  });

  test('evidence is bounded, the one that stops the source is kept', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    for (let round = 0; round < 4; round++) {
      const guard = await openGuard({ path: file, key: KEY, source: SOURCE, create: true, maxEvidence: 2 });
      await guard.reportConflict({ rule: 'reported', detail: `round ${round}` });
      await guard.close();
      if (round < 3) clearGuard(file, { reason: 'seen' });
    }
    assert.deepEqual(
      guardEvidence(file).map(({ detail, cleared }) => [detail, cleared]),
      [
        ['round 3', false],
        ['round 2', true],
      ],
    );
  });
});

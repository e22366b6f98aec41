import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { MAX_UINT64 } from '@interchain-attestation/core';
import type { GuardStatement, StatementEntry } from '@interchain-attestation/guard';
import {
  block,
  entry,
  expectVerdicts,
  newGuard,
  openTestGuard,
  packets,
  state,
  temporaryDirectory,
} from './support/fixture.ts';

const at = (height: number, ...entries: StatementEntry[]): GuardStatement => packets(block(height), ...entries);
const claimed = { timeoutProven: false };

describe('packets', () => {
  const cases: readonly [string, readonly [GuardStatement, string][]][] = [
    [
      'a packet commitment never changes, at any height',
      [
        [at(10, entry('packet', 1, 1)), 'ok'],
        [at(12, entry('packet', 1, 1)), 'ok'],
        [at(8, entry('packet', 1, 2)), 'commitment-changed'],
      ],
    ],
    [
      'an acknowledgement never changes',
      [
        [at(10, entry('acknowledgement', 1, 1)), 'ok'],
        [at(12, entry('acknowledgement', 1, 2)), 'commitment-changed'],
      ],
    ],
    [
      'a receipt never changes; receipt and acknowledgement are two values',
      [
        [at(10, entry('receipt', 1, 1)), 'ok'],
        [at(10, entry('acknowledgement', 1, 2)), 'ok'],
        [at(11, entry('receipt', 1, 2)), 'commitment-changed'],
      ],
    ],
    [
      'kinds, clients and sequences do not touch each other',
      [
        [at(10, entry('packet', 1, 1), entry('packet', 2, 2), entry('acknowledgement', 1, 3)), 'ok'],
        [at(10, entry('packet', 1, 4, { path: { kind: 'packet', clientId: 'client-1', sequence: 1n } })), 'ok'],
        [at(10, entry('packet', MAX_UINT64, 5), entry('packet', 2n ** 63n, 6), entry('packet', 0, 7)), 'ok'],
        [at(10, entry('packet', MAX_UINT64, 6)), 'commitment-changed'],
      ],
    ],
    [
      'absence before the timeout, then a receipt above it',
      [
        [at(10, entry('receipt', 1, undefined)), 'ok'],
        [at(11, entry('acknowledgement', 1, 1)), 'ok'],
        [at(9, entry('receipt', 1, undefined)), 'ok'],
      ],
    ],
    [
      'peers.md #7: absence at or past the timeout excludes a later acknowledgement',
      [
        [at(1_000, entry('receipt', 1, undefined)), 'ok'],
        [at(1_001, entry('acknowledgement', 1, 1)), 'timeout-contradicted'],
      ],
    ],
    [
      'absence at or past the timeout excludes a later receipt',
      [
        [at(1_200, entry('receipt', 1, undefined)), 'ok'],
        [at(1_300, entry('receipt', 1, 1)), 'timeout-contradicted'],
      ],
    ],
    [
      'the other way round: a receipt excludes an absence at its height or above',
      [
        [at(10, entry('acknowledgement', 1, 1)), 'ok'],
        [at(10, entry('receipt', 1, undefined)), 'receipt-removed'],
      ],
    ],
    [
      'the other way round: below it, an absence at or past the timeout',
      [
        [at(1_100, entry('acknowledgement', 1, 1)), 'ok'],
        [at(999, entry('receipt', 1, undefined)), 'ok'],
        [at(1_000, entry('receipt', 1, undefined)), 'timeout-contradicted'],
      ],
    ],
    [
      'a receipt below an absence, whatever the timeout',
      [
        [at(10, entry('receipt', 1, undefined, { timeoutTimestampSec: MAX_UINT64 })), 'ok'],
        [at(9, entry('acknowledgement', 1, 1, { timeoutTimestampSec: MAX_UINT64 })), 'receipt-removed'],
      ],
    ],
    [
      'the highest absence counts, in whatever order they were stated',
      [
        [at(20, entry('receipt', 1, undefined)), 'ok'],
        [at(10, entry('receipt', 1, undefined)), 'ok'],
        [at(15, entry('receipt', 1, 1)), 'receipt-removed'],
      ],
    ],
    [
      'the lowest presence counts, in whatever order it was stated',
      [
        [at(20, entry('acknowledgement', 1, 1)), 'ok'],
        [at(10, entry('acknowledgement', 1, 1)), 'ok'],
        [at(15, entry('receipt', 1, undefined)), 'receipt-removed'],
      ],
    ],
    [
      'one statement that contradicts itself',
      [[at(10, entry('receipt', 1, undefined), entry('acknowledgement', 1, 1)), 'receipt-removed']],
    ],
    [
      'a proven timeout never changes',
      [
        [at(10, entry('receipt', 1, 1)), 'ok'],
        [at(10, entry('acknowledgement', 1, 1, { timeoutTimestampSec: 999n })), 'commitment-changed'],
      ],
    ],
    [
      'absence of a packet or an acknowledgement is not attested',
      [
        [at(10, entry('packet', 1, undefined)), 'not-attestable'],
        [at(10, entry('acknowledgement', 1, undefined)), 'not-attestable'],
        [at(10, entry('packet', 1, 1)), 'ok'],
      ],
    ],
    [
      'a requester who lies about a timeout is refused and stops nothing',
      [
        [at(10, entry('receipt', 1, undefined, { ...claimed, timeoutTimestampSec: 1n })), 'ok'],
        [at(11, entry('acknowledgement', 1, 1, { ...claimed, timeoutTimestampSec: 1n })), 'disputed-timeout'],
        [at(11, entry('acknowledgement', 1, 1)), 'ok'],
        [at(5, entry('receipt', 1, undefined, { ...claimed, timeoutTimestampSec: 1n })), 'ok'],
      ],
    ],
    [
      'a proven timeout stays proven after a claimed one',
      [
        [at(100, entry('acknowledgement', 1, 1, { timeoutTimestampSec: 70n })), 'ok'],
        [at(99, entry('acknowledgement', 1, 1, { ...claimed, timeoutTimestampSec: 70n })), 'ok'],
        [at(80, entry('receipt', 1, undefined)), 'timeout-contradicted'],
      ],
    ],
    [
      'of claimed timeouts the lowest counts, a proven one before all claims',
      [
        [at(100, entry('acknowledgement', 1, 1, { ...claimed, timeoutTimestampSec: 90n })), 'ok'],
        [at(100, entry('acknowledgement', 1, 1, { ...claimed, timeoutTimestampSec: 50n })), 'ok'],
        [at(100, entry('acknowledgement', 1, 1, { ...claimed, timeoutTimestampSec: 95n })), 'ok'],
        [at(60, entry('receipt', 1, undefined)), 'disputed-timeout'],
        [at(100, entry('acknowledgement', 1, 1, { timeoutTimestampSec: 70n })), 'ok'],
        [at(60, entry('receipt', 1, undefined)), 'ok'],
        [at(70, entry('receipt', 1, undefined)), 'timeout-contradicted'],
      ],
    ],
  ];
  for (const [title, steps] of cases) {
    test(title, async (t) => expectVerdicts(await newGuard(t), steps));
  }

  test('a refused statement leaves nothing behind, neither its block nor its other packets', async (t) => {
    const guard = await newGuard(t);
    await expectVerdicts(guard, [
      [at(10, entry('packet', 1, 1), entry('packet', 2, undefined)), 'not-attestable'],
      [at(10, entry('packet', 1, 2)), 'ok'],
      [packets(block(12), entry('packet', 3, 1), entry('packet', 1, 9)), 'commitment-changed'],
    ]);
    assert.equal(guard.status().blocks, 1);
    assert.match(guard.evidence()[0]?.data ?? '', /"recordedCommitment":"0x0202/);
  });

  test('a refused statement is not counted, and the number of a client first named in it is not used', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    const elsewhere = (kind: 'packet' | 'receipt', value: number | undefined, clientId = 'client-9') =>
      entry(kind, 7, value, { path: { kind, clientId, sequence: 7n } });
    const guard = await openTestGuard(t, file);
    await expectVerdicts(guard, [
      [at(10, elsewhere('receipt', undefined), entry('packet', 1, undefined)), 'not-attestable'],
      [at(10, elsewhere('packet', 3, 'client-8')), 'ok'],
      [at(10, elsewhere('packet', 1)), 'ok'],
    ]);
    assert.equal(guard.status().absences, 0);
    await guard.close();
    const again = await openTestGuard(t, file, { create: false });
    await expectVerdicts(again, [[at(10, elsewhere('packet', 2)), 'commitment-changed']]);
  });

  test('buffers of the caller may change while the record waits', async (t) => {
    const guard = await newGuard(t);
    const value = new Uint8Array(32).fill(1);
    const pending = guard.record(at(10, entry('packet', 1, 1, { commitment: value })));
    value.fill(9);
    await pending;
    await expectVerdicts(guard, [
      [at(10, entry('packet', 1, 1)), 'ok'],
      [state(11), 'ok'],
    ]);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mergeReceived } from '../src/operator/merge-received.ts';
import type { Present, Received } from '../src/rules/received-record.ts';
import { commitment } from './support/fixture.ts';

const present = (height: bigint, timeoutSec: bigint, isProven: boolean, rest: Partial<Present> = {}): Received => ({
  present: { height, timeoutSec, isProven, receipt: undefined, ack: undefined, ...rest },
});
const absent = (height: bigint): Received => ({ absent: { height, timeSec: height } });

describe('what two guards know about one received packet', () => {
  for (const [title, a, b, contradiction] of [
    ['absence past a proven timeout, and presence', absent(60n), present(100n, 50n, true), /past its timeout/],
    ['absence past a claimed timeout, and presence', absent(60n), present(100n, 50n, false), undefined],
    ['absence before the timeout, and presence', absent(40n), present(100n, 50n, true), undefined],
    ['absence above presence', absent(100n), present(100n, 500n, false), /absent after/],
    ['two proven timeouts', present(1n, 50n, true), present(1n, 51n, true), /two timeouts/],
    [
      'two receipts',
      present(1n, 5n, true, { receipt: commitment(1) }),
      present(1n, 5n, true, { receipt: commitment(2) }),
      /two receipts/,
    ],
    [
      'two acknowledgements',
      present(1n, 5n, true, { ack: commitment(1) }),
      present(1n, 5n, true, { ack: commitment(2) }),
      /two ack/,
    ],
    ['nothing at all', {}, {}, /nothing/],
  ] as const) {
    test(title, () => {
      for (const merged of [mergeReceived(a, b), mergeReceived(b, a)]) {
        if (contradiction === undefined) assert.equal(typeof merged, 'object');
        else assert.match(String(merged), contradiction);
      }
    });
  }

  test('the stricter of each stays', () => {
    const mine = { ...absent(10n), ...present(100n, 80n, false, { receipt: commitment(1) }) };
    const other = { ...absent(20n), ...present(90n, 85n, false, { ack: commitment(2) }) };
    const expected = {
      absent: { height: 20n, timeSec: 20n },
      present: { height: 90n, timeoutSec: 80n, isProven: false, receipt: commitment(1), ack: commitment(2) },
    };
    assert.deepEqual(mergeReceived(mine, other), expected);
    assert.deepEqual(mergeReceived(other, mine), expected);
    const proven = mergeReceived(mine, present(95n, 99n, true)) as Received;
    assert.deepEqual([proven.present?.timeoutSec, proven.present?.isProven], [99n, true]);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_UINT64 } from '@interchain-attestation/core';
import { block, entry, expectVerdicts, hash, newGuard, packets, state } from './support/fixture.ts';

describe('blocks', () => {
  test('one hash a height, and the second one stops the source', async (t) => {
    const guard = await newGuard(t);
    await expectVerdicts(guard, [
      [state(10), 'ok'],
      [state(10), 'ok'],
      [packets(block(10), entry('packet', 1, 1)), 'ok'],
      [state(10, 1), 'block-hash'],
      [state(10), 'stopped'],
      [state(11), 'stopped'],
    ]);
    assert.equal(guard.status().state, 'stopped');
    assert.equal(guard.evidence()[0]?.rule, 'block-hash');
  });

  test('a packet statement is bound to the hash as well', async (t) => {
    const guard = await newGuard(t);
    await expectVerdicts(guard, [
      [packets(block(10), entry('packet', 1, 1)), 'ok'],
      [packets(block(10, 1), entry('packet', 2, 1)), 'block-hash'],
    ]);
  });

  test('hashes are compared as bytes, not as text', async (t) => {
    const guard = await newGuard(t);
    const lower = `0x${'ab'.repeat(32)}` as const;
    const upper = `0x${'AB'.repeat(32)}` as const;
    await expectVerdicts(guard, [
      [state(10, 0, { hash: lower }), 'ok'],
      [state(10, 0, { hash: upper }), 'ok'],
    ]);
  });

  for (const [title, first, second, verdict] of [
    ['another timestamp for the same hash', state(10), state(10, 0, { timestampSec: 11n }), 'block-timestamp'],
    ['time falls going up', state(10), state(12, 0, { timestampSec: 9n }), 'timestamp-order'],
    ['time rises going down', state(10), state(8, 0, { timestampSec: 11n }), 'timestamp-order'],
    ['equal times are no fall', state(10), state(11, 0, { timestampSec: 10n }), 'ok'],
    ['parent of the block above', state(11, 0, { parentHash: hash(7) }), state(10), 'block-parent'],
    ['parent of the block below', state(10), state(11, 0, { parentHash: hash(7) }), 'block-parent'],
    ['matching parent', state(10), state(11, 0, { parentHash: block(10).hash }), 'ok'],
    ['parent of a block further away says nothing', state(9), state(11, 0, { parentHash: hash(7) }), 'ok'],
  ] as const) {
    test(title, async (t) => {
      await expectVerdicts(await newGuard(t), [
        [first, 'ok'],
        [second, verdict],
      ]);
    });
  }

  test('time is held against both neighbours, however far', async (t) => {
    const guard = await newGuard(t);
    await expectVerdicts(guard, [
      [state(1_000, 0, { timestampSec: 50n }), 'ok'],
      [state(10, 0, { timestampSec: 20n }), 'ok'],
      [state(500, 0, { timestampSec: 35n }), 'ok'],
      [state(400, 0, { timestampSec: 36n }), 'timestamp-order'],
    ]);
  });

  test('heights and timestamps of the whole uint64 range keep their order', async (t) => {
    const guard = await newGuard(t);
    const at = (height: bigint, timestampSec: bigint) => state(height, 0, { timestampSec, hash: hash(height) });
    await expectVerdicts(guard, [
      [at(MAX_UINT64, MAX_UINT64), 'ok'],
      [at(1n, 1n), 'ok'],
      [at(2n ** 63n, 2n ** 63n), 'ok'],
      [at(2n ** 63n - 1n, 2n ** 63n - 1n), 'ok'],
      [at(2n ** 53n + 1n, 2n ** 53n + 1n), 'ok'],
      [at(2n ** 53n, 2n ** 53n), 'ok'],
    ]);
    assert.deepEqual(
      guard.recordedBlocks().map(({ height }) => height),
      [1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, MAX_UINT64],
    );
    await expectVerdicts(guard, [[at(2n ** 63n + 1n, 2n ** 63n - 1n), 'timestamp-order']]);
  });

  test('recorded blocks are the highest ones, ascending, and can be cut from below', async (t) => {
    const guard = await newGuard(t, { reorgWindow: 3 });
    for (const height of [5, 1, 9, 7, 3]) await guard.record(state(height));
    assert.deepEqual(
      guard.recordedBlocks().map(({ height }) => height),
      [5n, 7n, 9n],
    );
    assert.deepEqual(guard.recordedBlocks(6n), [
      { height: 7n, hash: block(7).hash, timestampSec: 7n },
      { height: 9n, hash: block(9).hash, timestampSec: 9n },
    ]);
    assert.deepEqual(guard.recordedBlocks(10n), []);
    const given = guard.recordedBlocks();
    assert.equal(guard.recordedBlocks(), given);
    for (const height of [8, 2, 11]) await guard.record(state(height));
    assert.equal(given.length, 3, 'what a caller was given does not change');
    assert.deepEqual(
      guard.recordedBlocks().map(({ height }) => height),
      [8n, 9n, 11n],
    );
  });

  for (const [title, statement] of [
    ['height 0', state(0)],
    ['height above uint64', state(MAX_UINT64 + 1n)],
    ['timestamp 0', state(1, 0, { timestampSec: 0n })],
    ['negative timestamp', state(1, 0, { timestampSec: -1n })],
    ['short hash', state(1, 0, { hash: '0x12' })],
    ['short parent', state(1, 0, { parentHash: '0x12' })],
    ['no entries', packets(block(1))],
    ['another kind', { kind: 'other', block: block(1) } as never],
    ['a hash that is no text', state(1, 0, { hash: 7 as never })],
    ['zero commitment', packets(block(1), entry('packet', 1, 0))],
    ['short commitment', packets(block(1), entry('packet', 1, 1, { commitment: new Uint8Array(31) }))],
    [
      'empty client',
      packets(block(1), entry('packet', 1, 1, { path: { kind: 'packet', clientId: '', sequence: 1n } })),
    ],
    [
      'lone surrogate',
      packets(block(1), entry('packet', 1, 1, { path: { kind: 'packet', clientId: '\ud800', sequence: 1n } })),
    ],
    [
      'long client',
      packets(block(1), entry('packet', 1, 1, { path: { kind: 'packet', clientId: 'x'.repeat(129), sequence: 1n } })),
    ],
    ['sequence above uint64', packets(block(1), entry('packet', MAX_UINT64 + 1n, 1))],
  ] as const) {
    test(`broken input throws and records nothing: ${title}`, async (t) => {
      const guard = await newGuard(t);
      await assert.rejects(guard.record(statement), { code: 'guard/invalid-input' });
      assert.equal(guard.status().blocks, 0);
      await expectVerdicts(guard, [[state(1), 'ok']]);
    });
  }
});

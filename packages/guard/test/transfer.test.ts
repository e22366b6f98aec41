import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  clearGuard,
  exportGuard,
  type GuardStatement,
  guardStatus,
  importGuard,
  openGuard,
} from '@interchain-attestation/guard';
import {
  block,
  entry,
  expectVerdicts,
  KEY,
  OTHER_KEY,
  openTestGuard,
  packets,
  SOURCE,
  state,
  temporaryDirectory,
} from './support/fixture.ts';

const owner = { key: KEY, source: SOURCE, reason: 'new host' } as const;
const move = { reason: 'new host' } as const;

const guardWith = async (file: string, statements: readonly GuardStatement[]): Promise<void> => {
  const guard = await openGuard({ path: file, key: KEY, source: SOURCE, create: true });
  for (const statement of statements) await guard.record(statement);
  await guard.close();
};

const place = (t: TestContext) => {
  const directory = temporaryDirectory(t);
  return { at: (name: string): string => path.join(directory, name) };
};

const RECORDS: readonly GuardStatement[] = [
  packets(block(10, 0, { parentHash: block(9).hash }), entry('packet', 1, 1), entry('packet', 2n ** 64n - 1n, 2)),
  packets(block(12), entry('receipt', 5, undefined), entry('acknowledgement', 6, 6), entry('receipt', 6, 7)),
];

const CONTRADICTIONS: readonly [GuardStatement, string][] = [
  [state(9, 1), 'block-parent'],
  [state(10, 1), 'block-hash'],
  [packets(block(12), entry('packet', 2n ** 64n - 1n, 3)), 'commitment-changed'],
  [packets(block(12), entry('acknowledgement', 5, 3)), 'receipt-removed'],
  [packets(block(12), entry('receipt', 6, 6)), 'commitment-changed'],
  [packets(block(12), entry('acknowledgement', 6, 6, { timeoutTimestampSec: 1n })), 'commitment-changed'],
];

describe('moving a guard', () => {
  for (const [statement, rule] of CONTRADICTIONS) {
    test(`export and import carry what forbids ${rule} (${statement.kind} ${statement.block.height})`, async (t) => {
      const { at } = place(t);
      await guardWith(at('old.db'), RECORDS);
      const exported = exportGuard(at('old.db'), at('export'), move);
      assert.deepEqual([exported.blocks, exported.packets], [2, 4]);
      assert.equal(importGuard(at('export'), at('new.db'), owner).merged, false);
      const guard = await openTestGuard(t, at('new.db'), { create: false });
      await expectVerdicts(guard, [
        ...RECORDS.map((one) => [one, 'ok'] as [GuardStatement, string]),
        [statement, rule],
      ]);
    });
  }

  test('the old guard signs no more, and may only be exported again', async (t) => {
    const { at } = place(t);
    await guardWith(at('old.db'), RECORDS);
    const first = exportGuard(at('old.db'), at('export'), move);
    await assert.rejects(openGuard({ path: at('old.db'), key: KEY, source: SOURCE, create: true }), {
      code: 'guard/moved',
    });
    assert.equal(guardStatus(at('old.db')).state, 'moved');
    assert.throws(() => exportGuard(at('old.db'), at('export'), move), { code: 'guard/exists' });
    fs.rmSync(at('export'));
    assert.equal(exportGuard(at('old.db'), at('export'), move).exportId, first.exportId);
    assert.throws(() => importGuard(at('export'), at('old.db'), owner), { code: 'guard/moved' });
    clearGuard(at('old.db'), { reason: 'export destroyed', cancelMove: true });
    await expectVerdicts(await openTestGuard(t, at('old.db'), { create: false }), [[state(10, 1), 'block-hash']]);
  });

  test('there and back again: the guard comes back with what was signed elsewhere', async (t) => {
    const { at } = place(t);
    await guardWith(at('a.db'), RECORDS);
    exportGuard(at('a.db'), at('1'), move);
    importGuard(at('1'), at('b.db'), owner);
    const guard = await openGuard({ path: at('b.db'), key: KEY, source: SOURCE, create: false });
    await guard.record(state(20));
    await guard.close();
    exportGuard(at('b.db'), at('2'), move);
    assert.equal(importGuard(at('2'), at('a.db'), owner).merged, true);
    assert.throws(() => importGuard(at('1'), at('b.db'), owner), { code: 'guard/moved' });
    assert.throws(() => importGuard(at('2'), at('a.db'), owner), { code: 'guard/moved' });
    const back = await openTestGuard(t, at('a.db'), { create: false });
    await expectVerdicts(back, [
      [state(21), 'ok'],
      [state(20, 1), 'block-hash'],
    ]);
  });

  test('an import loses no newer record of the guard it goes into', async (t) => {
    const { at } = place(t);
    await guardWith(at('a.db'), RECORDS);
    exportGuard(at('a.db'), at('1'), move);
    await guardWith(at('b.db'), [
      packets(block(30), entry('packet', 9, 9)),
      packets(block(30), entry('receipt', 5, undefined)),
    ]);
    importGuard(at('1'), at('b.db'), owner);
    const guard = await openTestGuard(t, at('b.db'), { create: false });
    await expectVerdicts(guard, [
      [packets(block(31), entry('packet', 1, 1), entry('packet', 9, 9)), 'ok'],
      [packets(block(29), entry('acknowledgement', 5, 1)), 'receipt-removed'],
    ]);
  });

  for (const [title, mine] of [
    ['another hash', [state(10, 1)]],
    ['a falling time', [state(11, 0, { timestampSec: 13n })]],
    ['another parent', [state(9, 1)]],
    ['another commitment', [packets(block(40), entry('packet', 1, 2))]],
    ['a receipt above its absence', [packets(block(11), entry('acknowledgement', 5, 1))]],
    ['an absence above the receipt', [packets(block(40), entry('receipt', 6, undefined))]],
    ['another receipt', [packets(block(11), entry('receipt', 6, 9))]],
  ] as const) {
    test(`an import that contradicts is refused as a whole: ${title}`, async (t) => {
      const { at } = place(t);
      await guardWith(at('a.db'), RECORDS);
      exportGuard(at('a.db'), at('1'), move);
      await guardWith(at('b.db'), mine);
      const before = guardStatus(at('b.db'));
      assert.throws(() => importGuard(at('1'), at('b.db'), owner), { code: 'guard/import-conflict' });
      const after = guardStatus(at('b.db'));
      assert.deepEqual([after.blocks, after.absences], [before.blocks, before.absences]);
      await expectVerdicts(await openTestGuard(t, at('b.db'), { create: false }), [[state(50), 'ok']]);
    });
  }

  test('a stopped guard is stopped on the other host, with its evidence', async (t) => {
    const { at } = place(t);
    await guardWith(at('a.db'), [...RECORDS, state(10, 1)]);
    exportGuard(at('a.db'), at('1'), move);
    await guardWith(at('b.db'), [state(50)]);
    importGuard(at('1'), at('b.db'), owner);
    const guard = await openTestGuard(t, at('b.db'), { create: false });
    assert.equal(guard.status().conflict?.rule, 'block-hash');
    await expectVerdicts(guard, [[state(60), 'stopped']]);
  });

  test('floors travel', async (t) => {
    const { at } = place(t);
    await guardWith(at('a.db'), [state(10), state(20), packets(block(21), entry('packet', 1, 1))]);
    clearGuard(at('a.db'), { reason: 'reorganised', putAsideThrough: 20n });
    exportGuard(at('a.db'), at('1'), move);
    importGuard(at('1'), at('b.db'), owner);
    const guard = await openTestGuard(t, at('b.db'), { create: false });
    await expectVerdicts(guard, [
      [state(20), 'below-floor'],
      [state(22, 0, { timestampSec: 19n }), 'below-floor'],
      [state(21), 'ok'],
    ]);
  });

  test('a floor that comes with an import covers the blocks of the guard it goes into', async (t) => {
    const { at } = place(t);
    await guardWith(at('a.db'), [state(10)]);
    clearGuard(at('a.db'), { reason: 'reorganised', putAsideThrough: 20n });
    exportGuard(at('a.db'), at('1'), move);
    await guardWith(at('b.db'), [state(15, 0, { timestampSec: 500n })]);
    importGuard(at('1'), at('b.db'), owner);
    const guard = await openTestGuard(t, at('b.db'), { create: false });
    await expectVerdicts(guard, [
      [state(15, 1), 'below-floor'],
      [state(30, 0, { timestampSec: 499n }), 'below-floor'],
      [state(30, 0, { timestampSec: 500n }), 'ok'],
    ]);
  });

  test('forgotten absences stay forbidden after an import', async (t) => {
    const { at } = place(t);
    const absence = (height: number) => packets(block(height), entry('receipt', height, undefined));
    const small = await openGuard({ path: at('a.db'), key: KEY, source: SOURCE, create: true, maxAbsences: 1 });
    for (const height of [10, 20, 30]) await small.record(absence(height));
    await small.close();
    exportGuard(at('a.db'), at('1'), move);
    await guardWith(at('b.db'), [absence(5)]);
    importGuard(at('1'), at('b.db'), owner);
    const guard = await openTestGuard(t, at('b.db'), { create: false });
    const ack = (height: number, timeoutTimestampSec: bigint) =>
      packets(block(height), entry('acknowledgement', 10, 1, { timeoutTimestampSec }));
    await expectVerdicts(guard, [
      [ack(40, 20n), 'below-floor'],
      [ack(20, 50n), 'below-floor'],
      [ack(40, 21n), 'ok'],
    ]);
  });

  test('a file cut short, changed, or of another owner is refused and makes nothing', async (t) => {
    const { at } = place(t);
    await guardWith(at('a.db'), RECORDS);
    exportGuard(at('a.db'), at('1'), move);
    const text = fs.readFileSync(at('1'), 'utf8');
    const lines = text.trimEnd().split('\n');
    const refuse = (content: string, code: string) => {
      fs.writeFileSync(at('2'), content);
      assert.throws(() => importGuard(at('2'), at('b.db'), owner), { code });
      assert.equal(fs.existsSync(at('b.db')), false);
    };
    refuse('', 'guard/damaged');
    refuse(text.slice(0, -20), 'guard/damaged');
    refuse(`${lines.slice(0, -1).join('\n')}\n`, 'guard/damaged');
    refuse(`${[...lines.slice(0, 3), ...lines.slice(4)].join('\n')}\n`, 'guard/damaged');
    refuse(text.replace('"proven"', '"x"').replaceAll('"10"', '"11"'), 'guard/damaged');
    assert.throws(() => importGuard(at('1'), at('b.db'), { ...owner, key: OTHER_KEY }), { code: 'guard/wrong-key' });
    assert.throws(() => importGuard(at('1'), at('b.db'), { ...owner, reason: ' ' }), { code: 'guard/invalid-input' });
    assert.throws(() => importGuard(at('none'), at('b.db'), owner), { code: 'guard/missing' });
    assert.equal(fs.existsSync(at('b.db')), false);
    assert.equal(importGuard(at('1'), at('b.db'), owner).packets, 4);
  });
});

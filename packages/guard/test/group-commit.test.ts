import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { openGuardWithFaults } from '../src/open-guard.ts';
import {
  block,
  entry,
  expectVerdicts,
  KEY,
  newGuard,
  openTestGuard,
  packets,
  SOURCE,
  state,
  temporaryDirectory,
  word,
} from './support/fixture.ts';

const fullDisk = (): Error => Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });

describe('group commit', () => {
  test('statements of one turn share a transaction', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    let transactions = 0;
    const guard = await openGuardWithFaults({ path: file, key: KEY, source: SOURCE, create: true }, (point) => {
      if (point === 'record:begun') transactions++;
    });
    t.after(() => guard.close());
    const verdicts = await Promise.all(Array.from({ length: 200 }, (_, i) => guard.record(state(i + 1))));
    assert.ok(verdicts.every((verdict) => verdict.ok));
    assert.equal(transactions, 1);
    assert.equal(guard.status().blocks, 200);
  });

  test('two contradicting statements of one group: the first passes, the second stops the rest', async (t) => {
    const guard = await newGuard(t);
    const words = await Promise.all(
      [state(10), state(10, 1), state(11), packets(block(10), entry('packet', 1, 1))].map((one) => guard.record(one)),
    );
    assert.deepEqual(words.map(word), ['ok', 'block-hash', 'stopped', 'stopped']);
  });

  test('contradicting packets of one group: only one may pass', async (t) => {
    const guard = await newGuard(t);
    const verdicts = await Promise.all([
      guard.record(packets(block(10), entry('receipt', 1, undefined))),
      guard.record(packets(block(10), entry('acknowledgement', 1, 1))),
    ]);
    assert.deepEqual(verdicts.map(word), ['ok', 'receipt-removed']);
  });

  test('answers come in the order of the calls and only after the commit', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    const events: string[] = [];
    const guard = await openGuardWithFaults({ path: file, key: KEY, source: SOURCE, create: true }, (point) => {
      if (point === 'record:flushed') events.push(point);
    });
    t.after(() => guard.close());
    await Promise.all([3, 1, 2].map((height) => guard.record(state(height)).then(() => events.push(`ok ${height}`))));
    assert.deepEqual(events, ['record:flushed', 'ok 3', 'ok 1', 'ok 2']);
  });

  test('a report overtakes statements that still wait', async (t) => {
    const guard = await newGuard(t);
    const waiting = guard.record(state(10));
    const conflict = await guard.reportConflict({
      rule: 'not-canonical',
      detail: 'height 9 is another block now',
      block: block(9),
      answers: [{ origin: 'http://a', answer: { hash: '0x01' } }],
    });
    assert.equal(word(await waiting), 'stopped');
    assert.equal(guard.status().conflict?.evidenceId, conflict.evidenceId);
    assert.match(guard.evidence()[0]?.data ?? '', /http:\/\/a/);
    const again = await guard.reportConflict({ rule: 'reported', detail: 'and once more' });
    assert.equal(again.evidenceId, conflict.evidenceId);
    assert.equal(guard.evidence().length, 1);
  });

  test('a report that comes while a statement is on its way to the disk holds its signature back', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    let report: Promise<unknown> | undefined;
    const guard = await openGuardWithFaults({ path: file, key: KEY, source: SOURCE, create: true }, (point) => {
      if (point === 'record:committed') report ??= guard.reportConflict({ rule: 'reported', detail: 'just now' });
    });
    t.after(() => guard.close());
    assert.equal(word(await guard.record(state(10))), 'stopped');
    await report;
    assert.equal(guard.status().state, 'stopped');
  });

  for (const point of ['record:applied', 'record:before-commit'] as const) {
    test(`a full disk at ${point} shuts the guard and records nothing`, async (t) => {
      const file = path.join(temporaryDirectory(t), 'guard.db');
      const guard = await openGuardWithFaults({ path: file, key: KEY, source: SOURCE, create: true }, (at) => {
        if (at === point) throw fullDisk();
      });
      const group = [guard.record(state(10)), guard.record(state(11))];
      for (const one of group) await assert.rejects(one, { code: 'guard/storage-failed' });
      await assert.rejects(guard.record(state(12)), { code: 'guard/storage-failed' });
      await assert.rejects(guard.reportConflict({ rule: 'reported', detail: 'x' }), { code: 'guard/storage-failed' });
      assert.equal(guard.status().state, 'failed');
      await guard.close();
      const again = await openTestGuard(t, file, { create: false });
      assert.equal(again.status().blocks, 0);
      await expectVerdicts(again, [[state(10, 1), 'ok']]);
    });
  }

  test('a failed flush says ok to nobody, though the record may be there after all', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    const guard = await openGuardWithFaults({ path: file, key: KEY, source: SOURCE, create: true }, (at) => {
      if (at === 'record:flushed') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    });
    await assert.rejects(guard.record(state(10)), { code: 'guard/storage-failed' });
    await guard.close();
    const again = await openTestGuard(t, file, { create: false });
    await expectVerdicts(again, [[state(10, 1), 'block-hash']]);
  });

  test('a database that somebody else keeps locked shuts the guard', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    const guard = await openTestGuard(t, file);
    const { default: Database } = await import('better-sqlite3');
    const intruder = new Database(file);
    intruder.exec('begin immediate');
    await assert.rejects(guard.record(state(10)), { code: 'guard/storage-failed' });
    intruder.exec('rollback');
    intruder.close();
    await assert.rejects(guard.record(state(10)), { code: 'guard/storage-failed' });
  });

  test('closing waits for pending records, then refuses', async (t) => {
    const guard = await newGuard(t);
    const pending = guard.record(state(10));
    const closing = guard.close();
    await assert.rejects(guard.record(state(11)), { code: 'guard/closed' });
    assert.equal(word(await pending), 'ok');
    await closing;
    assert.equal(guard.status().state, 'closed');
    await guard.close();
  });
});

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { clearGuard, guardStatus, openGuard } from '@interchain-attestation/guard';
import Database from 'better-sqlite3';
import {
  block,
  entry,
  expectVerdicts,
  hash,
  KEY,
  OTHER_KEY,
  openTestGuard,
  packets,
  SOURCE,
  state,
  temporaryDirectory,
} from './support/fixture.ts';

const open = (file: string, overrides: Partial<Parameters<typeof openGuard>[0]> = {}) =>
  openGuard({ path: file, key: KEY, source: SOURCE, create: false, ...overrides });

/** A closed guard that has stated heights 1 to `count`. */
const closedGuard = async (t: TestContext, count = 3): Promise<string> => {
  const file = path.join(temporaryDirectory(t), 'guard.db');
  const guard = await open(file, { create: true });
  for (let height = 1; height <= count; height++) {
    await guard.record(packets(block(height), entry('packet', height, 1)));
  }
  await guard.close();
  return file;
};

describe('the file of a guard', () => {
  test('is readable by its owner alone and survives closing', async (t) => {
    const file = await closedGuard(t);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const guard = await openTestGuard(t, file, { create: false });
    assert.equal(guard.status().blocks, 3);
    await expectVerdicts(guard, [
      [state(2), 'ok'],
      [state(2, 1), 'block-hash'],
    ]);
  });

  test('a stop survives closing and opening', async (t) => {
    const file = await closedGuard(t);
    const guard = await open(file);
    await guard.record(state(2, 1));
    await guard.close();
    const again = await openTestGuard(t, file, { create: false });
    assert.equal(again.status().conflict?.rule, 'block-hash');
    await expectVerdicts(again, [[state(9), 'stopped']]);
  });

  test('a missing guard is not made unless asked for', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    await assert.rejects(open(file), { code: 'guard/missing' });
    await assert.rejects(open(path.join(file, 'no', 'such'), { create: true }), { code: 'guard/missing' });
    assert.throws(() => guardStatus(file), { code: 'guard/missing' });
  });

  test('belongs to one key and one source', async (t) => {
    const file = await closedGuard(t);
    await assert.rejects(open(file, { key: OTHER_KEY }), { code: 'guard/wrong-key' });
    for (const change of [{ chainId: '1' }, { genesisHash: hash(5) }, { store: 'other' }]) {
      await assert.rejects(open(file, { source: { ...SOURCE, ...change } }), { code: 'guard/wrong-source' });
    }
    await (await open(file)).close();
  });

  test('one owner at a time, also under another name; a status can be read meanwhile', async (t) => {
    const file = await closedGuard(t);
    const link = path.join(path.dirname(file), 'link.db');
    fs.symlinkSync(file, link);
    const guard = await openTestGuard(t, file, { create: false });
    await assert.rejects(open(file), { code: 'guard/locked' });
    await assert.rejects(open(link), { code: 'guard/locked' });
    assert.throws(() => clearGuard(file, { reason: 'x' }), { code: 'guard/locked' });
    assert.equal(guardStatus(link).blocks, 3);
    await expectVerdicts(guard, [[state(4), 'ok']]);
    assert.equal(guardStatus(file).highestHeight, 4n);
  });

  test('whoever deletes the lock gets in, and the one before is fenced off', async (t) => {
    const file = await closedGuard(t);
    const first = await open(file);
    fs.rmSync(`${file}.lock`);
    const second = await openTestGuard(t, file, { create: false });
    await assert.rejects(first.record(state(10)), { code: 'guard/locked' });
    await assert.rejects(first.record(state(2)), { code: 'guard/locked' });
    await expectVerdicts(second, [[state(10, 1), 'ok']]);
    await first.close();
    await expectVerdicts(second, [[state(11), 'ok']]);
  });

  for (const [title, damage] of [
    ['empty', (file: string) => fs.truncateSync(file, 0)],
    ['cut short', (file: string) => fs.truncateSync(file, fs.statSync(file).size - 5_000)],
    ['a page short', (file: string) => fs.truncateSync(file, fs.statSync(file).size - 4_096)],
    ['text', (file: string) => fs.writeFileSync(file, 'not a database at all '.repeat(500))],
    [
      'overwritten in the middle',
      (file: string) => {
        const fd = fs.openSync(file, 'r+');
        for (let at = 4_096; at < fs.statSync(file).size; at += 4_096)
          fs.writeSync(fd, Buffer.alloc(200, 0x5a), 0, 200, at);
        fs.closeSync(fd);
      },
    ],
  ] as const) {
    test(`damaged: ${title}`, async (t) => {
      const file = await closedGuard(t, 50);
      damage(file);
      await assert.rejects(open(file, { create: true }), { code: 'guard/damaged' });
    });
  }

  test('another database, a newer and an older version are refused as what they are', async (t) => {
    const file = await closedGuard(t);
    const change = (sql: string) => {
      const db = new Database(file);
      db.exec(sql);
      db.close();
    };
    change('pragma user_version = 99');
    await assert.rejects(open(file), { code: 'guard/unsupported-version' });
    assert.throws(() => guardStatus(file), { code: 'guard/unsupported-version' });
    change('pragma user_version = 0');
    await assert.rejects(open(file), { code: 'guard/unsupported-version' });
    change('pragma application_id = 1');
    await assert.rejects(open(file), { code: 'guard/not-a-guard' });
    assert.throws(() => guardStatus(file), { code: 'guard/not-a-guard' });
    change('delete from guard; pragma application_id = 0x49414744; pragma user_version = 1');
    await assert.rejects(open(file), { code: 'guard/damaged' });
  });

  test('a copy is refused until an operator answers for it', async (t) => {
    const file = await closedGuard(t);
    const copy = path.join(path.dirname(file), 'copy.db');
    fs.copyFileSync(file, copy);
    await assert.rejects(open(copy), { code: 'guard/copied' });
    fs.copyFileSync(`${file}.witness`, `${copy}.witness`);
    await assert.rejects(open(copy), { code: 'guard/copied' });
    assert.throws(() => clearGuard(copy, { reason: 'x' }), { code: 'guard/copied' });
    clearGuard(copy, { reason: 'disk replaced', acceptCopy: true });
    const guard = await openTestGuard(t, copy, { create: false });
    assert.deepEqual(
      guard.status().operatorLog.map(({ action }) => action),
      ['accept-copy', 'create'],
    );
  });

  test('a second name is refused: it would have a lock and a journal of its own', async (t) => {
    const file = await closedGuard(t);
    const second = path.join(path.dirname(file), 'second.db');
    fs.linkSync(file, second);
    fs.copyFileSync(`${file}.witness`, `${second}.witness`);
    await assert.rejects(open(second), { code: 'guard/copied' });
    await assert.rejects(open(file), { code: 'guard/copied' });
    fs.rmSync(second);
    await (await open(file)).close();
  });

  test('an older backup put back in place is refused', async (t) => {
    const file = await closedGuard(t);
    const backup = fs.readFileSync(file);
    const guard = await open(file);
    await guard.record(state(10));
    await guard.close();
    fs.writeFileSync(file, backup);
    await assert.rejects(open(file), { code: 'guard/copied' });
  });

  test('a guard without its witness, or beside another one, is refused', async (t) => {
    const file = await closedGuard(t);
    const other = await closedGuard(t);
    const witness = fs.readFileSync(`${file}.witness`);
    fs.copyFileSync(`${other}.witness`, `${file}.witness`);
    await assert.rejects(open(file), { code: 'guard/copied' });
    fs.writeFileSync(`${file}.witness`, witness.subarray(0, 10));
    await assert.rejects(open(file), { code: 'guard/damaged' });
    fs.rmSync(`${file}.witness`);
    await assert.rejects(open(file), { code: 'guard/copied' });
  });

  test('a refused opening after a crash changes nothing', async (t) => {
    const file = await closedGuard(t);
    const guard = await open(file);
    await guard.record(state(10));
    // What a killed process leaves: the journal, and a main file that says it is open.
    const crashed = path.join(path.dirname(file), 'crashed.db');
    for (const part of ['', '-wal', '.witness']) fs.copyFileSync(`${file}${part}`, `${crashed}${part}`);
    await assert.rejects(open(crashed, { key: OTHER_KEY }), { code: 'guard/wrong-key' });
    await assert.rejects(open(crashed), { code: 'guard/copied' });
    clearGuard(crashed, { reason: 'test', acceptCopy: true });
    const again = await openTestGuard(t, crashed, { create: false });
    await expectVerdicts(again, [[state(10, 1), 'block-hash']]);
    await guard.close();
  });

  test('a deleted guard is not replaced by an empty one', async (t) => {
    const file = await closedGuard(t);
    fs.rmSync(file);
    await assert.rejects(open(file, { create: true }), { code: 'guard/damaged' });
  });

  test('wrong limits are named, all at once', async (t) => {
    const file = path.join(temporaryDirectory(t), 'guard.db');
    await assert.rejects(open(file, { create: true, reorgWindow: 0, maxBlocks: 1.5 }), (error: Error) => {
      assert.match(error.message, /reorgWindow[\s\S]*maxBlocks|maxBlocks[\s\S]*reorgWindow/);
      return true;
    });
    await (await open(file)).close();
  });
});

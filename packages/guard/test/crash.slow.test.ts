import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { clearGuard, exportGuard, guardStatus, importGuard, openGuard } from '@interchain-attestation/guard';
import Database from 'better-sqlite3';
import { KEY, SOURCE, state, temporaryDirectory, word } from './support/fixture.ts';
import { RECEIVED_A_GROUP, recordGroups, SENT_A_GROUP } from './support/groups.ts';

const CHILD = path.join(import.meta.dirname, 'support', 'crash-child.ts');
const owner = { key: KEY, source: SOURCE, reason: 'test' } as const;

interface Death {
  /** Highest group that the child was told ok for. */
  readonly acknowledged: number;
  readonly signal: string | null;
  readonly stderr: string;
}

/** Runs the child until it dies; `killAfter` lines it is killed from outside. */
const run = async (directory: string, action: string, point: string, nth = 1, killAfter?: number): Promise<Death> => {
  const child = spawn(process.execPath, [CHILD, directory, action, point, String(nth)]);
  let out = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (killAfter !== undefined && out.split('\n').length > killAfter) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [, signal] = await once(child, 'close');
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  return { acknowledged: last === '' ? 0 : Number(last.slice(3)), signal, stderr };
};

/** Records five groups in this process and closes the guard; returns the highest. */
const recordFive = async (directory: string): Promise<number> => {
  const file = path.join(directory, 'guard.db');
  const guard = await openGuard({ path: file, key: KEY, source: SOURCE, create: true });
  await recordGroups(guard, 5);
  const { highestHeight } = guard.status();
  await guard.close();
  return Number(highestHeight);
};

/** Every acknowledged group is whole, no group is in pieces, and the guard still refuses what contradicts it. */
const assertWhole = async (file: string, acknowledged: number): Promise<void> => {
  const guard = await openGuard({ path: file, key: KEY, source: SOURCE, create: false });
  const heights = guard.recordedBlocks().map(({ height }) => Number(height));
  assert.deepEqual(
    heights,
    heights.map((_, i) => i + 1),
  );
  assert.ok(heights.length >= acknowledged, `${heights.length} of ${acknowledged} acknowledged groups`);
  const db = new Database(file, { readonly: true });
  const count = (sql: string): unknown => db.prepare(sql).pluck().get();
  const groups = heights.length;
  assert.equal(count('select count(*) from sent'), groups * SENT_A_GROUP);
  assert.equal(count('select count(*) from received'), groups * RECEIVED_A_GROUP);
  assert.equal(count("select count(*) from pragma_integrity_check where integrity_check <> 'ok'"), 0);
  db.close();
  if (acknowledged > 0 && guard.status().state === 'ready') {
    assert.equal(word(await guard.record(state(acknowledged, 1))), 'block-hash');
  }
  await guard.close();
};

describe('SIGKILL', () => {
  for (const [point, nth] of [
    ['create:written', 1],
    ['create:renamed', 1],
    ['open:witness', 1],
    ['open:session', 1],
    ['record:begun', 3],
    ['record:applied', 3],
    ['record:applied', 4],
    ['record:before-commit', 3],
    ['record:committed', 3],
    ['record:flushed', 3],
    ['record:witnessed', 3],
    ['record:conflict', 1],
    ['close:marked', 1],
  ] as const) {
    test(`at ${point}, the ${nth}. time`, async (t) => {
      const directory = temporaryDirectory(t);
      const file = path.join(directory, 'guard.db');
      const death = await run(directory, 'record', point, nth);
      assert.equal(death.signal, 'SIGKILL', death.stderr);
      // The next process goes on with what is there.
      const highest = await recordFive(directory);
      assert.ok(highest >= death.acknowledged + 5);
      await assertWhole(file, highest);
    });
  }

  test('at any moment, again and again', async (t) => {
    const directory = temporaryDirectory(t);
    let acknowledged = 0;
    for (const lines of [1, 7, 30, 90]) {
      const death = await run(directory, 'record', 'random', 1, lines);
      assert.equal(death.signal, 'SIGKILL', death.stderr);
      assert.ok(death.acknowledged > acknowledged);
      acknowledged = death.acknowledged;
    }
    await assertWhole(path.join(directory, 'guard.db'), acknowledged);
  });

  test('between record and sign: the restarted guard refuses the other statement', async (t) => {
    const directory = temporaryDirectory(t);
    await run(directory, 'record', 'record:witnessed', 1);
    const guard = await openGuard({ path: path.join(directory, 'guard.db'), key: KEY, source: SOURCE, create: false });
    assert.equal(word(await guard.record(state(1, 1))), 'block-hash');
    await guard.close();
  });

  for (const point of ['export:marked', 'export:half-written', 'export:written'] as const) {
    test(`at ${point}: the guard is marked as moved, and can be exported again`, async (t) => {
      const directory = temporaryDirectory(t);
      const file = path.join(directory, 'guard.db');
      await recordFive(directory);
      assert.equal((await run(directory, 'export', point)).signal, 'SIGKILL');
      await assert.rejects(openGuard({ path: file, key: KEY, source: SOURCE, create: true }), { code: 'guard/moved' });
      const exported = path.join(directory, 'export');
      if (!fs.existsSync(exported)) exportGuard(file, exported, { reason: 'again' });
      importGuard(exported, path.join(directory, 'imported.db'), owner);
      await assertWhole(path.join(directory, 'imported.db'), 5);
    });
  }

  for (const point of ['import:half-merged', 'create:written', 'create:renamed', 'import:merged'] as const) {
    test(`at ${point}: the imported guard is whole or not there`, async (t) => {
      const directory = temporaryDirectory(t);
      const imported = path.join(directory, 'imported.db');
      await recordFive(directory);
      exportGuard(path.join(directory, 'guard.db'), path.join(directory, 'export'), { reason: 'test' });
      assert.equal((await run(directory, 'import', point)).signal, 'SIGKILL');
      if (!fs.existsSync(imported)) importGuard(path.join(directory, 'export'), imported, owner);
      await assertWhole(imported, 5);
    });
  }

  test('in the middle of a merge: nothing of it is there', async (t) => {
    const directory = temporaryDirectory(t);
    const imported = path.join(directory, 'imported.db');
    await recordFive(directory);
    exportGuard(path.join(directory, 'guard.db'), path.join(directory, 'export'), { reason: 'test' });
    const guard = await openGuard({ path: imported, key: KEY, source: SOURCE, create: true });
    await guard.record(state(100));
    await guard.close();
    await run(directory, 'import', 'import:half-merged');
    assert.equal(guardStatus(imported).blocks, 1);
    importGuard(path.join(directory, 'export'), imported, owner);
    assert.equal(guardStatus(imported).blocks, 6);
  });

  for (const [point, state_] of [
    ['clear:before-commit', 'stopped'],
    ['clear:committed', 'ready'],
  ] as const) {
    test(`at ${point}: the guard is ${state_}`, async (t) => {
      const directory = temporaryDirectory(t);
      const file = path.join(directory, 'guard.db');
      await recordFive(directory);
      const guard = await openGuard({ path: file, key: KEY, source: SOURCE, create: false });
      await guard.record(state(5, 1));
      await guard.close();
      assert.equal((await run(directory, 'clear', point)).signal, 'SIGKILL');
      assert.equal(guardStatus(file).state, state_);
      clearGuard(file, { reason: 'again' });
      assert.equal(guardStatus(file).state, 'ready');
    });
  }
});

describe('the journal after SIGKILL', () => {
  for (const [title, damage] of [
    ['deleted', (wal: string) => fs.rmSync(wal)],
    ['emptied', (wal: string) => fs.truncateSync(wal, 0)],
    ['cut short', (wal: string) => fs.truncateSync(wal, fs.statSync(wal).size - 4_200)],
    [
      'overwritten',
      (wal: string) => {
        const fd = fs.openSync(wal, 'r+');
        fs.writeSync(fd, Buffer.alloc(64, 0x5a), 0, 64, 5_000);
        fs.closeSync(fd);
      },
    ],
  ] as const) {
    test(`${title}: the guard is refused, since acknowledged records are missing`, async (t) => {
      const directory = temporaryDirectory(t);
      const file = path.join(directory, 'guard.db');
      await run(directory, 'record', 'record:witnessed', 4);
      fs.rmSync(`${file}-shm`, { force: true });
      damage(`${file}-wal`);
      await assert.rejects(
        openGuard({ path: file, key: KEY, source: SOURCE, create: true }),
        (error: { code: string }) => ['guard/damaged', 'guard/copied'].includes(error.code),
      );
    });
  }
});

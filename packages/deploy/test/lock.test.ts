import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DeployError } from '../src/index.ts';
import { withLock } from '../src/manifest/lock.ts';

/** Above every number that Linux gives to a process. */
const GONE = '4194304';

describe('the lock beside a manifest', () => {
  let directory: string;
  let file: string;
  let lock: string;
  const isLocked = (work: Promise<unknown>): Promise<void> =>
    assert.rejects(work, (error) => error instanceof DeployError && error.code === 'deploy/locked');

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'attest-lock-'));
    file = join(directory, 'gaia.json');
    lock = `${file}.lock`;
  });
  after(() => rm(directory, { recursive: true }));

  test('of many that begin at once in one process exactly one works, and nothing is left', async () => {
    let working = 0;
    const task = async (): Promise<void> => {
      assert.equal(++working, 1);
      await new Promise((resolve) => setImmediate(resolve));
      working--;
    };
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => withLock(file, task)));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(await readdir(directory), []);
  });

  test('a process that runs keeps its lock', async () => {
    await writeFile(lock, `${process.ppid}`);
    await isLocked(withLock(file, async () => assert.fail('never runs')));
    await rm(lock);
  });

  test('the lock of a process that is gone is taken over, also where this one has its number, as in a container', async () => {
    for (const holder of [GONE, `${process.pid}`, 'no number']) {
      await writeFile(lock, holder);
      assert.equal(await withLock(file, async () => 'worked'), 'worked');
    }
  });

  test('an empty lock is of somebody who just made it, or of somebody who was killed then', async () => {
    await writeFile(lock, '');
    await isLocked(withLock(file, async () => assert.fail('never runs')));
    await utimes(lock, new Date(0), new Date(0));
    assert.equal(await withLock(file, async () => 'worked'), 'worked');
  });

  test('a task that fails gives the lock back', async () => {
    await assert.rejects(
      withLock(file, async () => {
        throw new Error('failed');
      }),
      /failed/,
    );
    assert.deepEqual(await readdir(directory), []);
  });
});

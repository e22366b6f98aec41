import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DeployError } from '../src/index.ts';
import { withLock } from '../src/manifest/lock.ts';

const LOCK_MODULE = new URL('../src/manifest/lock.ts', import.meta.url).href;

describe('the lock beside a manifest', () => {
  let directory: string;
  let file: string;
  const isLocked = (work: Promise<unknown>): Promise<void> =>
    assert.rejects(work, (error) => error instanceof DeployError && error.code === 'deploy/locked');

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'attest-lock-'));
    file = join(directory, 'gaia.json');
  });
  after(() => rm(directory, { recursive: true }));

  test('while one works, no other does, in the same process either', async () => {
    const othersRefused = Promise.withResolvers<void>();
    const holding = Promise.withResolvers<void>();
    const one = withLock(file, () => {
      holding.resolve();
      return othersRefused.promise;
    });
    await holding.promise;
    await Promise.all(
      Array.from({ length: 19 }, () => isLocked(withLock(file, async () => assert.fail('never runs')))),
    );
    othersRefused.resolve();
    await one;
  });

  test('another process keeps its lock while it runs, and no longer, however it ends', async () => {
    // Its task never ends and nothing refers to it: the lock must outlive the garbage collection of both.
    const script = `const { withLock } = await import(${JSON.stringify(LOCK_MODULE)});
      setInterval(() => {}, 1e6);
      void withLock(${JSON.stringify(file)}, () => {
        setTimeout(() => { gc(); console.log('held'); });
        return new Promise(() => {});
      });`;
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      await isLocked(withLock(file, async () => assert.fail('never runs')));
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    assert.equal(await withLock(file, async () => 'worked'), 'worked');
  });

  test('a task that fails gives the lock back', async () => {
    await assert.rejects(
      withLock(file, async () => {
        throw new Error('failed');
      }),
      /failed/,
    );
    assert.equal(await withLock(file, async () => 'worked'), 'worked');
  });

  test('a lock file that is something else is named, and left alone', async () => {
    const other = join(directory, 'osmo.json');
    await writeFile(
      `${other}.lock`,
      'not a lock of ours, and longer than the header of a database would be: '.repeat(4),
    );
    await assert.rejects(
      withLock(other, async () => assert.fail('never runs')),
      (error) => error instanceof DeployError && error.code === 'deploy/manifest-invalid',
    );
  });
});

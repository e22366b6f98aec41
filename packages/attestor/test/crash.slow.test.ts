import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import type { CrashOptions } from './support/crash-process.ts';

interface Line {
  readonly height: string;
  readonly hash?: string;
  readonly data?: string;
  readonly refused?: string;
}

interface Run {
  readonly lines: readonly Line[];
  readonly signal: string | null;
  readonly code: number | null;
}

/** Runs the attestor until it ends or is killed; `killAfter` lines, when given, kill it from outside. */
const run = async (options: CrashOptions, killAfter?: number): Promise<Run> => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'support', 'crash-process.ts'), JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  const lines: Line[] = [];
  const output = createInterface({ input: child.stdout });
  const drained = once(output, 'close');
  output.on('line', (line) => {
    if (line === 'ready') return;
    lines.push(JSON.parse(line) as Line);
    if (lines.length === killAfter) child.kill('SIGKILL');
  });
  const [code, signal] = await ended;
  await drained;
  return { lines, signal, code };
};

/** Every height under one hash only, whatever the number of runs. */
const assertNothingContradictory = (runs: readonly Run[]): void => {
  const stated = new Map<string, string>();
  for (const { height, hash, data } of runs.flatMap(({ lines }) => lines)) {
    if (data === undefined || hash === undefined) continue;
    const earlier = stated.get(height);
    assert.ok(earlier === undefined || earlier === hash, `height ${height} was signed for two blocks`);
    stated.set(height, hash);
  }
};

describe('SIGKILL, then a restart on another fork of the chain', () => {
  const withGuard = async (work: (guardPath: string) => Promise<void>): Promise<void> => {
    const directory = await mkdtemp(join(tmpdir(), 'attestor-'));
    try {
      await work(join(directory, 'guard.db'));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };

  for (const killAt of ['before-record', 'after-record', 'after-sign'] as const) {
    test(`peers.md #7: killed ${killAt.replace('-', ' ')}, nothing contradictory is ever signed`, () =>
      withGuard(async (guardPath) => {
        const first = await run({ guardPath, fork: 'a', create: true, killAt, width: 1 });
        assert.equal(first.signal, 'SIGKILL');
        const second = await run({ guardPath, fork: 'b', create: false, width: 1 });
        assert.equal(second.code, 0);
        assert.ok(
          second.lines.every(({ refused }) => refused !== undefined),
          'it stops before it signs anything',
        );
        assert.equal(second.lines[0]?.refused, 'attestor/conflict');
        assertNothingContradictory([first, second]);
      }));
  }

  test('peers.md #7: killed at any time while groups are written, and restarted on the same fork, it goes on', () =>
    withGuard(async (guardPath) => {
      const runs: Run[] = [];
      for (const [i, killAfter] of [1, 9, 30].entries()) {
        runs.push(await run({ guardPath, fork: 'a', create: i === 0, width: 8 }, killAfter));
      }
      const whole = await run({ guardPath, fork: 'a', create: false, width: 8 });
      assert.equal(whole.lines.filter(({ data }) => data !== undefined).length, 58);
      const other = await run({ guardPath, fork: 'b', create: false, width: 8 });
      assert.equal(other.lines.filter(({ data }) => data !== undefined).length, 0);
      assertNothingContradictory([...runs, whole, other]);
    }));
});

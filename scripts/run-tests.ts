import { fork } from 'node:child_process';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { root } from './repository.ts';

/** Counts over several runs. */
export interface Tally {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

interface FileState {
  readonly started: number;
  passed: number;
  failed: number;
  skipped: number;
  /** The end of what the file's process wrote to stderr: the only trace of a crash outside of a test. */
  stderr: string;
}

const TEST_TIMEOUT_MS = 10 * 60_000;
const STDERR_TAIL = 4_000;

/** The useful part of a test failure: node:test wraps what was thrown. */
export const describeFailure = (error: unknown): string => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause, { depth: 5 });
};

/** Runs test files in processes of their own, `concurrency` at a time; a line a file, and every failure in full. */
export const runTests = async (files: readonly string[], concurrency: number, total: Tally): Promise<void> => {
  if (files.length === 0) return;
  const states = new Map<string, FileState>();
  const started = performance.now();
  const stream = run({ files: [...files], cwd: root, concurrency, timeout: TEST_TIMEOUT_MS, forceExit: false });
  const stateOf = (file: string | undefined): FileState => {
    const name = file === undefined ? '(runner)' : relative(root, file);
    const state = states.get(name) ?? { started: performance.now(), passed: 0, failed: 0, skipped: 0, stderr: '' };
    states.set(name, state);
    return state;
  };
  const finishFile = (file: string, durationMs: number): void => {
    const state = states.get(file) ?? { started, passed: 0, failed: 0, skipped: 0, stderr: '' };
    const skipped = state.skipped > 0 ? `, ${state.skipped} skipped` : '';
    const mark = state.failed > 0 ? 'FAIL' : 'ok  ';
    console.log(`${mark} ${file}  ${state.passed} passed${skipped}  ${(durationMs / 1000).toFixed(1)} s`);
  };
  // A whole file shows up as a test of its own, named by its path: it closes the file's line, and counts only when it
  // failed without any test of its own failing (a syntax error, a crash, a time-out).
  const isFile = (name: string, nesting: number): boolean =>
    nesting === 0 && (files.includes(name) || files.includes(relative(root, name)));

  for await (const { type, data } of stream) {
    if (type === 'test:pass' && !isFile(data.name, data.nesting)) {
      if (data.details.type === 'suite') continue;
      const state = stateOf(data.file);
      if (data.skip !== undefined || data.todo !== undefined) {
        state.skipped++;
        total.skipped.push(`${data.name}${typeof data.skip === 'string' ? ` (${data.skip})` : ''}`);
      } else {
        state.passed++;
        total.passed++;
      }
    } else if (type === 'test:fail') {
      const state = stateOf(data.file);
      const whole = isFile(data.name, data.nesting);
      const error = data.details.error;
      const onlyChildren = 'failureType' in error && error.failureType === 'subtestsFailed';
      if (!(whole && state.failed > 0) && !onlyChildren) {
        state.failed++;
        total.failed++;
        console.log(`\nFAIL ${data.name}\n${describeFailure(error)}\n`);
        if (whole && state.stderr !== '') console.log(`${state.stderr}\n`);
      }
    } else if (type === 'test:stderr') {
      const state = stateOf(data.file);
      state.stderr = (state.stderr + data.message).slice(-STDERR_TAIL);
    } else if (type === 'test:summary' && data.file !== undefined) {
      finishFile(relative(root, data.file), data.duration_ms);
    }
  }
};

/** What a process of {@link runTogether} tells of one test. */
export interface GroupOutcome {
  readonly file: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed, or is skipped. */
  readonly detail?: string | undefined;
}

/**
 * Runs quick test files, many in one process: a process of its own costs most of them more than their tests. For
 * `npm run check` only, as files that share a process may hide what one of them leaves behind.
 */
export const runTogether = async (files: readonly string[], processes: number, total: Tally): Promise<void> => {
  const groups = Array.from({ length: processes }, (_, i) => files.filter((_, at) => at % processes === i));
  const runGroup = (group: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      const counts = new Map(group.map((file) => [file, { passed: 0, failed: 0, skipped: 0 }]));
      let stderr = '';
      const child = fork(join(import.meta.dirname, 'test-group.ts'), group, {
        cwd: root,
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        timeout: TEST_TIMEOUT_MS,
        killSignal: 'SIGKILL',
      });
      child.stderr?.on('data', (chunk) => {
        stderr = (stderr + chunk).slice(-STDERR_TAIL);
      });
      child.on('message', (message) => {
        const { file, name, outcome, detail = '' } = message as GroupOutcome;
        const count = counts.get(relative(root, file));
        if (count !== undefined) count[outcome]++;
        if (outcome === 'skipped') total.skipped.push(detail === '' ? name : `${name} (${detail})`);
        else total[outcome]++;
        if (outcome === 'failed') console.log(`\nFAIL ${name}\n${detail}\n`);
      });
      child.on('close', (code, signal) => {
        for (const [file, { passed, failed, skipped }] of counts) {
          console.log(
            `${failed > 0 ? 'FAIL' : 'ok  '} ${file}  ${passed} passed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
          );
        }
        if (code !== 0) {
          total.failed++;
          console.log(
            `\nFAIL a process of ${group.length} test files ended with ${signal ?? `code ${code}`}\n${stderr}\n`,
          );
        }
        resolve();
      });
    });
  await Promise.all(groups.filter((group) => group.length > 0).map(runGroup));
};

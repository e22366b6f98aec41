import { relative } from 'node:path';
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
const describeFailure = (error: unknown): string => {
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

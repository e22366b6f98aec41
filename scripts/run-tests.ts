import { type ChildProcess, fork } from 'node:child_process';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './repository.ts';

/** Counts over several runs. */
export interface Tally {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

/** What a process of tests tells of one test or suite; `ended` is its last word. */
export type TestMessage =
  | { readonly type: 'began'; readonly name: string }
  | { readonly type: 'over'; readonly name: string }
  | {
      readonly type: 'outcome';
      readonly file: string;
      readonly name: string;
      readonly outcome: 'passed' | 'failed' | 'skipped';
      /** Why it failed, or is skipped. */
      readonly detail?: string | undefined;
    }
  | { readonly type: 'ended' };

const TEST_TIMEOUT_MS = 5 * 60_000;
const PROCESS_TIMEOUT_MS = 10 * 60_000;
/** What a process leaves of its pipes to others is waited for so long. */
const CLOSE_GRACE_MS = 5_000;
const STDERR_TAIL = 4_000;
const REPORTER = new URL('./test-reporter.ts', import.meta.url).href;

/** Process groups of tests that run: what they started ends with them, and with this process. */
const running = new Set<ChildProcess>();

const endGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of running) endGroup(child);
    process.kill(process.pid, signal);
  });
}

/** Runs test files in one process of their own; a line a file, and every failure in full. */
const runProcess = async (files: readonly string[], total: Tally): Promise<void> => {
  const started = performance.now();
  const counts = new Map(files.map((file) => [file, { passed: 0, failed: 0, skipped: 0 }]));
  const begun = new Set<string>();
  let hasEnded = false;
  let stderr = '';
  let failures = 0;
  // A group of its own: a process that a test leaves behind would hold the pipes open, and the run with them.
  const [first = '', ...others] = files;
  const child = fork(first, others, {
    cwd: root,
    execArgv: [
      '--test',
      '--test-isolation=none',
      `--test-reporter=${REPORTER}`,
      '--test-reporter-destination=stdout',
      `--test-timeout=${TEST_TIMEOUT_MS}`,
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  running.add(child);
  child.stderr?.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-STDERR_TAIL);
  });
  child.on('message', (value) => {
    const message = value as TestMessage;
    if (message.type === 'ended') {
      hasEnded = true;
    } else if (message.type === 'began') {
      begun.add(message.name);
    } else if (message.type === 'over') {
      begun.delete(message.name);
    } else {
      const { file, name, outcome, detail = '' } = message;
      // A test may be written in a file that others share, a suite of a port for example.
      const count = counts.get(files.length === 1 ? first : relative(root, file));
      if (count !== undefined) count[outcome]++;
      if (outcome === 'skipped') total.skipped.push(detail === '' ? name : `${name} (${detail})`);
      else total[outcome]++;
      if (outcome !== 'failed') return;
      failures++;
      console.log(`\nFAIL ${name}\n${detail}\n`);
    }
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    endGroup(child);
  }, PROCESS_TIMEOUT_MS);
  const closed = new Promise((resolve) => child.once('close', resolve));
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  clearTimeout(timer);
  endGroup(child);
  await Promise.race([closed, sleep(CLOSE_GRACE_MS, undefined, { ref: false })]);
  running.delete(child);

  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const isWhole = hasEnded && how === `exit code ${failures > 0 ? 1 : 0}`;
  for (const [file, { passed, failed, skipped }] of counts) {
    const mark = failed > 0 || !isWhole ? 'FAIL' : 'ok  ';
    const rest = `${skipped > 0 ? `, ${skipped} skipped` : ''}${files.length === 1 ? `  ${seconds} s` : ''}`;
    console.log(`${mark} ${file}  ${passed} passed${rest}`);
  }
  if (isWhole) return;
  total.failed++;
  const why = isLate ? `not done after ${PROCESS_TIMEOUT_MS / 60_000} minutes` : `its process ended with ${how}`;
  const open = begun.size === 0 ? '' : `; not ended: ${[...begun].join(', ')}`;
  console.log(`\nFAIL ${files.join(', ')}: ${why}${open}\n${stderr}\n`);
};

/** Runs each test file in a process of its own, `concurrency` at a time. */
export const runTests = async (files: readonly string[], concurrency: number, total: Tally): Promise<void> => {
  const waiting = [...files];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await runProcess([file], total);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
};

/**
 * Runs quick test files, many in one process: a process of its own costs most of them more than their tests. For
 * `npm run check` only, as files that share a process may hide what one of them leaves behind.
 */
export const runTogether = async (files: readonly string[], processes: number, total: Tally): Promise<void> => {
  const groups = Array.from({ length: processes }, (_, i) => files.filter((_, at) => at % processes === i));
  await Promise.all(groups.filter((group) => group.length > 0).map((group) => runProcess(group, total)));
};

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DevnetError } from '../errors.ts';
import type { Reaper } from './reaper.ts';

/** A child process that can be stopped, killed and started again, and that never outlives its parent. */
export interface ManagedProcess {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  readonly state: 'running' | 'stopped' | 'ended';
  /** What it wrote last, oldest line first. */
  readonly output: readonly string[];
  /** SIGSTOP: it stays, and answers nothing. */
  stop(): void;
  /** SIGCONT. */
  cont(): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it if it runs, starts it with the same arguments, and resolves when it is ready. */
  restart(): Promise<void>;
  /** SIGTERM, then SIGKILL after a grace; resolves when it is gone. */
  close(): Promise<void>;
}

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly reaper: Reaper;
  /** Resolves when the process is ready; rejects or never settles when it is not. `line` sees each line it writes. */
  readonly ready: (process: { onLine(listener: (line: string) => void): void; signal: AbortSignal }) => Promise<void>;
  /** How long it may take to be ready. Default 30,000. */
  readonly readyTimeoutMs?: number;
  /** How long it may take to end by itself. Default 5,000. */
  readonly graceMs?: number;
  /** Told when the process ends although nobody asked for it. */
  readonly onUnexpectedExit?: (process: ManagedProcess, how: string) => void;
}

const KEPT_LINES = 60;

/** Starts a process and resolves when it is ready. @throws DevnetError `devnet/not-ready` with its last words */
export const startProcess = async (options: ProcessOptions): Promise<ManagedProcess> => {
  const { name, reaper, graceMs = 5_000, readyTimeoutMs = 30_000 } = options;
  const output: string[] = [];
  let child: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();
  let stopped = false;
  let expected = false;

  const launch = async (): Promise<void> => {
    const listeners: ((line: string) => void)[] = [];
    const started = spawn(options.command, options.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Apart from the terminal: Ctrl-C reaches the parent only, which then ends its children in order.
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
    });
    child = started;
    stopped = false;
    expected = false;
    const { pid } = started;
    if (pid !== undefined) reaper.watch(pid);
    for (const stream of [started.stdout, started.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line);
        if (output.length > KEPT_LINES) output.shift();
        for (const listener of listeners) listener(line);
      });
    }
    const abort = new AbortController();
    let how = '';
    exited = new Promise((resolve) => {
      const end = (text: string): void => {
        how = text;
        if (pid !== undefined) reaper.forget(pid);
        if (child === started) child = undefined;
        abort.abort();
        resolve();
        if (!expected) options.onUnexpectedExit?.(handle, text);
      };
      started.once('exit', (code, signal) => end(signal === null ? `exit code ${code}` : signal));
      started.once('error', (error) => end(error.message));
    });
    const timer = setTimeout(() => abort.abort(), readyTimeoutMs);
    const failed = new Promise<never>((_, reject) => {
      abort.signal.addEventListener('abort', () => {
        // What it wrote last arrives after its end.
        setImmediate(() => reject(notReady(how === '' ? `not ready after ${readyTimeoutMs} ms` : how)));
      });
    });
    failed.catch(() => {});
    try {
      await Promise.race([
        options.ready({ onLine: (listener) => listeners.push(listener), signal: abort.signal }),
        failed,
      ]);
      if (how !== '') await failed;
    } catch (error) {
      expected = true;
      started.kill('SIGKILL');
      await exited;
      throw error instanceof DevnetError ? error : notReady((error as Error).message, error);
    } finally {
      clearTimeout(timer);
      listeners.length = 0;
    }
  };
  const notReady = (how: string, cause?: unknown): DevnetError => {
    const said = output.slice(-8).join('\n');
    const message = `${name} did not start: ${how}${said === '' ? '' : `; it said last:\n${said}`}`;
    return new DevnetError('devnet/not-ready', message, { meta: { process: name }, cause });
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const current = child;
    if (current === undefined) return;
    expected = true;
    // A stopped process takes SIGTERM only after it continues.
    if (stopped && signal === 'SIGTERM') current.kill('SIGCONT');
    current.kill(signal);
    const timer = setTimeout(() => current.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(timer);
  };

  const handle: ManagedProcess = {
    name,
    get pid() {
      return child?.pid;
    },
    get state() {
      return child === undefined ? 'ended' : stopped ? 'stopped' : 'running';
    },
    output,
    stop: () => {
      stopped = child?.kill('SIGSTOP') ?? false;
    },
    cont: () => {
      child?.kill('SIGCONT');
      stopped = false;
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      await launch();
    },
    close: () => end('SIGTERM'),
  };
  await launch();
  return handle;
};

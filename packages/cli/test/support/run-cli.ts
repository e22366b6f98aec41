import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { runProgram } from '../../src/program.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON. */
  json<T = { ok: boolean; error?: { code: string; message: string } }>(): T;
}

/** Runs `attest` in this process. */
export const runCli = async (
  argv: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly stdin?: string;
    readonly signal?: AbortSignal;
    readonly onStdout?: (text: string) => void;
  } = {},
): Promise<CliResult> => {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await runProgram(argv, {
    stdout: {
      write(text) {
        stdout.push(text);
        options.onStdout?.(text);
      },
    },
    stderr: { write: (text) => stderr.push(text) },
    stdin: Readable.from([options.stdin ?? '']),
    env: options.env ?? {},
    cwd: options.cwd ?? tmpdir(),
    signal: options.signal ?? new AbortController().signal,
  });
  const said = stdout.join('');
  return { code, stdout: said, stderr: stderr.join(''), json: () => JSON.parse(said) };
};

/** A directory that is removed after the test. */
export const makeDirectory = async (context: Pick<TestContext, 'after'>): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'attest-cli-'));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
};

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** A running anvil. */
export interface Anvil {
  readonly url: string;
  readonly pid: number;
  rpc<T>(method: string, params?: readonly unknown[]): Promise<T>;
  /** Many calls in one request; throws when one of them fails. */
  batch(calls: readonly { readonly method: string; readonly params: readonly unknown[] }[]): Promise<void>;
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);

/** npm's launcher starts the binary as a child: the binary itself is what a test has to be able to stop. */
const binary = (): string => {
  const name = `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'anvil');
};

const post = async (url: string, body: unknown): Promise<unknown> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
};

/** Starts anvil on a free port; blocks are mined on demand only. */
export const startAnvil = async (args: readonly string[] = [], chainId = 31_337): Promise<Anvil> => {
  const cache = await mkdtemp(join(tmpdir(), 'anvil-'));
  const child = spawn(
    binary(),
    ['--chain-id', String(chainId), '--port', '0', '--no-mining', '--cache-path', cache, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    exited.then(
      () => reject(new Error('anvil ended before it listened')),
      () => {},
    );
    lines.on('line', (line) => {
      const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(line);
      if (found !== null) resolve(Number(found[1]));
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const check = (answer: unknown, method: string): unknown => {
    const { result, error } = answer as { result?: unknown; error?: { message: string } };
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  return {
    url,
    pid: child.pid ?? 0,
    rpc: async <T>(method: string, params: readonly unknown[] = []): Promise<T> =>
      check(await post(url, { jsonrpc: '2.0', id: 1, method, params }), method) as T,
    async batch(calls) {
      const answers = await post(
        url,
        calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call })),
      );
      for (const answer of answers as unknown[]) check(answer, 'batch');
    },
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(cache, { recursive: true, force: true });
    },
  };
};

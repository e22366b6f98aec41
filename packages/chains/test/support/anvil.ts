import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** A running anvil. */
export interface Anvil {
  readonly url: string;
  readonly port: number;
  rpc<T>(method: string, params?: readonly unknown[]): Promise<T>;
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);

/** npm's launcher starts the binary as a child: the binary itself is what a test has to be able to stop. */
const binary = (): string => {
  const platform = `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  return join(dirname(require.resolve(`${platform}/package.json`)), 'bin', 'anvil');
};

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

const rpcTo =
  (url: string) =>
  async <T>(method: string, params: readonly unknown[] = []): Promise<T> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result: T; error?: { message: string } };
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };

/** Starts anvil; blocks are mined on demand (`anvil_mine`) or with each transaction unless `args` say otherwise. */
export const startAnvil = async (
  options: { readonly chainId?: number; readonly port?: number; readonly args?: readonly string[] } = {},
): Promise<Anvil> => {
  const cache = await mkdtemp(join(tmpdir(), 'anvil-'));
  const args = ['--chain-id', String(options.chainId ?? 31_337), '--port', String(options.port ?? 0)];
  const child = spawn(binary(), [...args, '--cache-path', cache, ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    exited.then(() => reject(new Error('anvil ended before it listened')));
    lines.on('line', (line) => {
      const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(line);
      if (found !== null) resolve(Number(found[1]));
    });
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    rpc: rpcTo(url),
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(cache, { recursive: true, force: true });
    },
  };
};

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const binary = (): string => {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve(`@foundry-rs/anvil-${process.platform}-${arch}/package.json`)), 'bin', 'anvil');
};

export interface TestChain {
  readonly chainId: number;
  readonly rpcUrl: string;
  rpc(method: string, params?: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

/** An anvil that mines each transaction at once. */
export const startTestChain = async (chainId = 31337, extra: readonly string[] = []): Promise<TestChain> => {
  const args = [
    '--host',
    '127.0.0.1',
    // Its own choice: one that was looked for before may be taken by then.
    '--port',
    '0',
    '--chain-id',
    `${chainId}`,
    '--prune-history',
    '500',
  ];
  const child = spawn(binary(), [...args, ...extra], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    void exited.then(() => reject(new Error('anvil ended before it listened')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const rpcUrl = `http://127.0.0.1:${port}`;
  const rpc = async (method: string, params: readonly unknown[] = []): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const response = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (answer.error) throw new Error(answer.error.message);
    return answer.result;
  };
  return {
    chainId,
    rpcUrl,
    rpc,
    close: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};

/** First of anvil's well-known accounts. */
export const ANVIL_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

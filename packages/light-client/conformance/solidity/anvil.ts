import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Hex } from '@interchain-attestation/core';

/** What a JSON-RPC call came to. A revert is an answer here. */
export type RpcAnswer = { readonly result: unknown } | { readonly error: { message: string; data?: unknown } };

export interface Anvil {
  /** All calls in one HTTP request; answers in the order of the calls. */
  batch(calls: readonly { readonly method: string; readonly params: readonly unknown[] }[]): Promise<RpcAnswer[]>;
  /** One call that must succeed. */
  request(method: string, ...params: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** An unlocked, funded account of every anvil. */
export const ANVIL_ACCOUNT: Hex = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

const listeningUrl = async (stdout: NodeJS.ReadableStream): Promise<string> => {
  for await (const line of createInterface({ input: stdout })) {
    const address = /Listening on (\S+)/.exec(line)?.[1];
    if (address !== undefined) return `http://${address}`;
  }
  throw new Error('anvil ended before it listened');
};

/** The binary itself, not the package's launcher: a signal to the launcher need not reach what it launched. */
const anvilBinary = (): string => {
  const os = process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const suffix = os === 'win32' ? '.exe' : '';
  const require = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/bin.mjs'));
  return require.resolve(`@foundry-rs/anvil-${os}-${arch}/bin/anvil${suffix}`);
};

/** Starts an anvil on a free port of 127.0.0.1. */
export const startAnvil = async (): Promise<Anvil> => {
  const directory = mkdtempSync(join(tmpdir(), 'conformance-anvil-'));
  const child = spawn(anvilBinary(), ['--port', '0', '--cache-path', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const url = await listeningUrl(child.stdout);
  child.stdout.resume();

  const batch: Anvil['batch'] = async (calls) => {
    const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call })));
    const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const answers = (await response.json()) as (RpcAnswer & { id: number })[];
    return answers.sort((a, b) => a.id - b.id);
  };
  return {
    batch,
    async request(method, ...params) {
      const [answer] = await batch([{ method, params }]);
      if (answer === undefined || !('result' in answer)) throw new Error(`${method}: ${JSON.stringify(answer)}`);
      return answer.result;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bytesToHex } from '@interchain-attestation/core';
import type { AnvilChain } from '../../test/support/anvil-chain.ts';
import { testKey } from '../../test/support/test-attestor.ts';
import type { AttestorProcessOptions } from './attestor-process.ts';

export interface FleetAddress {
  readonly near: string;
  readonly far: string;
}

/** Attestors as processes of their own. */
export interface Fleet {
  /** Starts one; the address of its own port, and of one that is 50 ms away in each direction. */
  start(name: string, key: number, lies?: boolean): Promise<FleetAddress>;
  signal(name: string, signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Room for young objects, so that they are collected seldom: the pauses of five processes are the tail of two cores. */
const FLAGS = ['--max-semi-space-size=64', '--min-semi-space-size=32'];
const SCRIPT = fileURLToPath(new URL('./attestor-process.ts', import.meta.url));

export const createFleet = async (chain: AnvilChain): Promise<Fleet> => {
  const dir = await mkdtemp(join(tmpdir(), 'bench-guards-'));
  const children = new Map<string, ChildProcess>();
  return {
    async start(name, key, lies = false) {
      const options: AttestorProcessOptions = {
        rpcUrl: chain.url,
        chainId: chain.chainId,
        router: chain.router,
        key: bytesToHex(testKey(key)),
        guardPath: join(dir, `${name}.guard`),
        lies,
      };
      const child = spawn(process.execPath, [...FLAGS, SCRIPT, JSON.stringify(options)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.set(name, child);
      const exited = once(child, 'exit').then((): never => {
        throw new Error(`attestor ${name} ended before it listened`);
      });
      exited.catch(() => {});
      const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited]);
      const { near, far } = JSON.parse(String(line)) as { near: number; far: number };
      return { near: `127.0.0.1:${near}`, far: `127.0.0.1:${far}` };
    },
    signal: (name, signal) => void children.get(name)?.kill(signal),
    async stop() {
      await Promise.all(
        [...children.values()].map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, 'exit');
          child.kill('SIGKILL');
          await exited;
        }),
      );
      await rm(dir, { recursive: true, force: true });
    },
  };
};

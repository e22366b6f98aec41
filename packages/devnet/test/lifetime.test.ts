import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startDevnet } from '../src/index.ts';

const SCRIPT = fileURLToPath(new URL('./support/start-and-wait.ts', import.meta.url));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const until = async (holds: () => boolean, timeoutMs: number): Promise<boolean> => {
  const end = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
};

test('a network whose parent is killed leaves no process and no file, stopped processes included', async () => {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { directory, pids } = JSON.parse(line) as { directory: string; pids: number[] };
  assert.equal(pids.length, 4);
  assert.ok(pids.every(isAlive) && existsSync(directory));
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(await until(() => !pids.some(isAlive) && !existsSync(directory), 10_000), 'something was left');
});

test('a closed network leaves nothing, and a start that fails leaves nothing', async () => {
  const started: number[] = [];
  const signal = AbortSignal.abort();
  await assert.rejects(startDevnet({ attestorsPerChain: 1, signal, onProgress: () => started.push(1) }), {
    code: 'devnet/closed',
  });
  const net = await startDevnet({ attestorsPerChain: 1, services: { relayer: false, proofApi: false } });
  const pids = net.processes.flatMap(({ pid }) => pid ?? []);
  await net.close();
  await net.close();
  assert.ok(await until(() => !pids.some(isAlive), 5_000));
  assert.equal(existsSync(net.directory), false);
});

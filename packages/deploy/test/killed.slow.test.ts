import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { manifestFile, readEvmManifest } from '../src/index.ts';
import { startTestChain } from './support/anvil.ts';

const SCRIPT = fileURLToPath(new URL('./support/deploy-until-killed.ts', import.meta.url));
const DEPLOYER = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

const deploy = (args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    // Twenty starts: the cache keeps each of them short.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'attest-compile-cache') };
    const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
    child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
  });

test('killed at every transaction, before and after it was sent, a deployment ends as if nothing had happened', async () => {
  const clean = await startTestChain();
  const chain = await startTestChain();
  const directory = await mkdtemp(join(tmpdir(), 'attest-killed-'));
  const reference = await mkdtemp(join(tmpdir(), 'attest-killed-'));
  try {
    assert.equal(await deploy([clean.rpcUrl, reference, 'never']), 'exit 0');
    let kills = 0;
    // "before" makes no progress, so it is not taken twice in a row; every step is killed after it was sent.
    for (let run = 0; run < 60; run += 1) {
      const when = run % 4 === 1 ? 'before' : 'after';
      const end = await deploy([chain.rpcUrl, directory, when]);
      if (end === 'exit 0') break;
      assert.equal(end, 'SIGKILL');
      kills += 1;
    }
    assert.ok(kills >= 10, `${kills} kills`);
    const count = (rpc: typeof chain): Promise<unknown> => rpc.rpc('eth_getTransactionCount', [DEPLOYER, 'latest']);
    assert.equal(await count(chain), await count(clean), 'nothing was sent twice');
    const [found, wanted] = await Promise.all([
      readEvmManifest(manifestFile(directory, 'alpha')),
      readEvmManifest(manifestFile(reference, 'alpha')),
    ]);
    assert.equal(found?.pending, undefined);
    const addresses = (manifest: typeof found): unknown =>
      Object.entries({ ...manifest?.contracts, ...manifest?.clients }).map(([name, { address }]) => [name, address]);
    assert.deepEqual(addresses(found), addresses(wanted));
    assert.deepEqual(await readdir(directory), ['alpha.json', 'alpha.json.lock'], 'no half-written file is left');
  } finally {
    await Promise.all([chain.close(), clean.close()]);
    await Promise.all([directory, reference].map((path) => rm(path, { recursive: true })));
  }
});

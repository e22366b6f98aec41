import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { foundryBinary } from '../bench/support/foundry.ts';
import { packageRoot } from '../scripts/solc-input.ts';
import { writeForgeArtifacts } from '../scripts/write-forge-artifacts.ts';

interface Result {
  readonly status: 'Success' | 'Failure' | 'Skipped';
  readonly reason: string | null;
  readonly counterexample: unknown;
}

type Suites = Readonly<Record<string, { readonly test_results: Readonly<Record<string, Result>> }>>;

/** What a test stands for beside its name: defects of other implementations, as `peers.md` numbers them. */
const titles: Readonly<Record<string, string>> = {
  test_duplicatesAndStrangersSpoilAProof: 'peers.md #1: duplicates and strangers never count toward the quorum',
  test_costOfASignatureDoesNotGrowWithTheirNumber: 'peers.md #12: the search for doubled signers is not quadratic',
  test_aLongListIsVerifiedOnce: 'peers.md #11: a hundred packets need one proof and one check of its signatures',
};

/** Runs forge over `test/forge` against the committed artifacts. */
const runForge = (): Promise<{ stdout: string; stderr: string }> =>
  new Promise((resolve, reject) => {
    const root = dirname(dirname(packageRoot));
    const child = spawn(foundryBinary('forge'), ['test', '--root', root, '--json'], {
      env: {
        ...process.env,
        FOUNDRY_CONFIG: join(packageRoot, 'foundry.toml'),
        // The compiler's wrapper is a script, and finds this Node first.
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', () => resolve({ stdout, stderr }));
  });

test('contracts, tested in Solidity', async (t) => {
  writeForgeArtifacts();
  const { stdout, stderr } = await runForge();
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  assert.ok(line !== undefined, `forge gave no results\n${stdout}\n${stderr}`);
  const suites = JSON.parse(line) as Suites;
  const files = readdirSync(join(packageRoot, 'test', 'forge')).filter((file) => file.endsWith('.t.sol'));
  const ran = Object.keys(suites).map((suite) => basename(suite.replace(/:.*$/, '')));
  assert.deepEqual(ran.sort(), files.sort());
  for (const [suite, { test_results: results }] of Object.entries(suites)) {
    await t.test(suite.split(':')[1] ?? suite, async (inner) => {
      for (const [signature, { status, reason, counterexample }] of Object.entries(results)) {
        const name = signature.replace(/\(.*$/, '');
        await inner.test(titles[name] ?? name.replace(/^test(Fuzz)?_/, ''), () => {
          assert.equal(status, 'Success', `${reason} ${counterexample === null ? '' : JSON.stringify(counterexample)}`);
        });
      }
    });
  }
});

// `npm test` (everything) and `npm run check` (static checks and fast unit tests, under a minute).
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from '@interchain-attestation/go-tools';
import { checkArchitecture } from './check-architecture.ts';
import { root } from './repository.ts';
import { runTests, runTogether, type Tally } from './run-tests.ts';

/** Tests that start services or nodes by the dozen: they run one file at a time, after the others. */
const END_TO_END = [
  'packages/devnet/test/**/*.test.ts',
  'packages/cli/test/**/*.e2e.test.ts',
  'packages/*/test/**/*.e2e.test.ts',
];
/** Too slow for `npm run check`. */
const SLOW = [...END_TO_END, 'packages/*/test/**/*.slow.test.ts', 'packages/contracts/test/*.test.ts'];

const glob = (patterns: readonly string[]): Set<string> => new Set(globSync([...patterns], { cwd: root }).sort());

const command = (file: string, args: readonly string[]): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules', '.bin', file), args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? undefined : output.trim() || `exit code ${code}`));
  });

const staticChecks: readonly { readonly name: string; run(): Promise<string | undefined> }[] = [
  { name: 'types (tsc)', run: () => command('tsc', ['-p', 'tsconfig.json']) },
  {
    name: 'lint and format (biome)',
    run: () => command('biome', ['check', '--error-on-warnings', '--max-diagnostics=50', '.']),
  },
  { name: 'architecture (imports point down, no cycle, no barrel)', run: async () => checkArchitecture() },
];

const main = async (): Promise<void> => {
  const args = process.argv.slice(2);
  const fast = args.includes('--fast');
  const only = args.filter((arg) => !arg.startsWith('--'));
  const total: Tally = { passed: 0, failed: 0, skipped: [] };

  if (only.length === 0) {
    for (const { name, run } of staticChecks) {
      const started = performance.now();
      const problem = await run();
      total[problem === undefined ? 'passed' : 'failed']++;
      console.log(
        `${problem === undefined ? 'ok  ' : 'FAIL'} ${name}  ${((performance.now() - started) / 1000).toFixed(1)} s`,
      );
      if (problem !== undefined) console.log(problem);
    }
  }

  const slow = glob(SLOW);
  const endToEnd = glob(END_TO_END);
  const all =
    only.length > 0
      ? [...glob(only)]
      : [...glob(['packages/*/test/**/*.test.ts'])].filter((file) => !fast || !slow.has(file));
  if (only.length > 0 && all.length === 0) {
    console.error(`error: no test file matches ${only.join(' ')}`);
    process.exitCode = 2;
    return;
  }
  // Building takes minutes the first time, longer than a test may: once, before any test asks for it. Where Go is missing
  // the tests say so by name, and fail in CI.
  if (!fast && only.length === 0) {
    for (const name of ['ibc-go-oracle', 'ibc-go-chain', 'geth'] as const) await goProgram(name);
  }

  const quick = all.filter((file) => !endToEnd.has(file));
  await (fast ? runTogether : runTests)(quick, 2, total);
  await runTests(
    all.filter((file) => endToEnd.has(file)),
    1,
    total,
  );

  for (const name of total.skipped) console.log(`skipped: ${name}`);
  const skipped = total.skipped.length > 0 ? `, ${total.skipped.length} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
};

await main();

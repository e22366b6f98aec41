// Entry of every `npm run` command: installs what the lock file names (when it is not installed yet), then goes on under
// the pinned Node. No dependencies, and nothing newer than Node 20 understands.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const nodeBinary = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const stampFile = join(root, 'node_modules', '.bootstrap');

const TARGETS = {
  demo: ['packages/cli/src/main.ts', 'demo'],
  attest: ['packages/cli/src/main.ts'],
  test: ['scripts/test.ts'],
  check: ['scripts/test.ts', '--fast'],
  bench: ['scripts/bench.ts'],
  conformance: ['scripts/conformance.ts'],
};

const say = (text) => process.stderr.write(`${text}\n`);
const fail = (text) => {
  say(`error: ${text}`);
  process.exit(1);
};

/** What went wrong in an npm run, in one sentence. The first match wins. */
const CAUSES = [
  [/ENOSPC/, 'the disk is full; free some space (about 1 GB is needed) and run the command again'],
  [/EACCES|EPERM/, 'npm may not write here; check who owns this folder'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i,
    'the package registry cannot be reached; check the network or the proxy settings of npm',
  ],
  [/EINTEGRITY/, 'a downloaded package does not match the lock file; run `npm cache clean --force` and try again'],
  [/ETARGET|E404/, 'the package registry does not carry a version that the lock file names'],
];

const wanted = () => {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  return `${hash.digest('hex')} ${process.platform}-${process.arch}`;
};

const isInstalled = () =>
  existsSync(nodeBinary) && existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === wanted();

const npm = (args) => {
  // npm is a script: under `npm run` its path is given, elsewhere the one on PATH is taken.
  const script = process.env.npm_execpath;
  const [command, prefix] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
  return new Promise((resolve) => {
    const child = spawn(command, [...prefix, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const started = Date.now();
    const ticker = setInterval(() => say(`  still installing, ${Math.round((Date.now() - started) / 1000)} s`), 10_000);
    child.on('error', (error) => {
      clearInterval(ticker);
      resolve({ code: 127, output: error.message });
    });
    child.on('close', (code) => {
      clearInterval(ticker);
      resolve({ code, output });
    });
  });
};

/** The telling lines of npm's output: its errors, without the usage text that follows them. */
const explain = (output) => {
  const lines = output
    .split('\n')
    .filter((line) => /^npm error \S/.test(line) && !/^npm error\s+(Usage|Options|aliases|--)/.test(line));
  return (lines.length > 0 ? lines.slice(0, 12) : output.trim().split('\n').slice(-12)).join('\n');
};

const install = async () => {
  say('installing the packages that the lock file names (once; about 40 s)');
  // Not `npm ci`: it refuses a lock file that lacks the binaries of other platforms, and a registry need not carry them
  // all. `npm install --no-save` takes the same versions from the lock file and leaves it as it is.
  const { code, output } = await npm(['install', '--no-save', '--no-audit', '--no-fund', '--include=dev']);
  if (code === 127) fail('npm was not found; install Node 20 or newer together with npm');
  if (code !== 0) {
    const cause = CAUSES.find(([pattern]) => pattern.test(output));
    say(explain(output));
    fail(cause ? cause[1] : `npm install ended with exit code ${code}; its last lines stand above`);
  }
  if (!existsSync(nodeBinary)) {
    // npm was told not to run install scripts: the `node` package fetches its binary in one, so run just that.
    spawnSync(process.execPath, ['installArchSpecificPackage'], {
      cwd: join(root, 'node_modules', 'node'),
      stdio: 'ignore',
    });
  }
  if (!existsSync(nodeBinary)) fail(`the npm package "node" has no binary for ${process.platform}-${process.arch}`);
  writeFileSync(stampFile, `${wanted()}\n`);
};

const main = async () => {
  const [name, ...args] = process.argv.slice(2);
  const target = Object.hasOwn(TARGETS, name ?? '') ? TARGETS[name] : undefined;
  if (target === undefined) fail(`unknown command "${name ?? ''}"; known: ${Object.keys(TARGETS).join(', ')}`);
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) fail(`Node 20 or newer is needed to start; this is ${process.version}`);
  if (!existsSync(join(root, 'package-lock.json')))
    fail('package-lock.json is missing; this is not a complete checkout');
  if (!isInstalled()) await install();

  const [script, ...prefix] = target;
  const child = spawn(nodeBinary, [join(root, script), ...prefix, ...args], {
    stdio: 'inherit',
    env: {
      // Every process that comes of it starts half a second sooner: sources are stripped and compiled once.
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile'),
      ...process.env,
      PATH: `${dirname(nodeBinary)}:${process.env.PATH ?? ''}`,
    },
  });
  // The terminal sends Ctrl-C to the whole group; a signal sent to this process alone is passed on. Either way the child
  // decides when it has cleaned up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`the pinned Node does not start: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
};

await main();

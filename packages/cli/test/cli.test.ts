import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { EXIT } from '../src/output/exit-codes.ts';
import { EXAMPLE, EXAMPLE_ENV } from './support/example-config.ts';
import { makeDirectory, runCli } from './support/run-cli.ts';

const KEY = `0x${'00'.repeat(31)}01`;
const KEY_ADDRESS = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';

describe('the command line itself', () => {
  const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown command', ['deplyo'], /unknown command 'deplyo'.*deploy/],
    ['an unknown command of a group', ['deploy', 'cor'], /unknown command 'cor'.*core/],
    ['an unknown option', ['packet', 'list', '--jsno'], /unknown option '--jsno'.*--json/],
    ['a missing argument', ['packet', 'trace'], /missing required argument 'tx'/],
    ['too many arguments', ['client', 'list', 'x'], /too many arguments/],
    ['a role that does not exist', ['run', '--only', 'attestor,relay'], /--only/],
    ['a hash that is none', ['packet', 'trace', '0x12'], /transaction hash/],
    ['a limit that is none', ['packet', 'list', '--limit', '0'], /--limit/],
    ['half of an initial state', ['deploy', 'client', '--initial-height', '7'], /belong together/],
    [
      'an initial height of zero',
      ['deploy', 'client', '--initial-height', '0', '--initial-timestamp', '1'],
      /--initial-height/,
    ],
    [
      'an initial time in milliseconds',
      ['deploy', 'client', '--initial-height', '7', '--initial-timestamp', `${Date.now()}`],
      /not milliseconds/,
    ],
    ['relaying opened and closed', ['deploy', 'core', '--open-relaying', '--close-relaying'], /exclude each other/],
    ['an admin that is no address', ['deploy', 'handover', '--admin', '0x12'], /--admin/],
    ['nothing to inspect', ['proof', 'inspect', '-'], /no bytes/],
    ['hex that is none', ['proof', 'inspect', '0xabc'], /hex digits/],
  ];
  for (const [title, argv, pattern] of usage) {
    test(`${title} is exit code 2 and one line`, async () => {
      const { code, stderr, stdout } = await runCli(argv);
      assert.equal(code, EXIT.usage);
      assert.match(stderr, pattern);
      assert.match(stderr, /^error \[cli\/usage\] /);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      assert.equal(stdout, '');
      const json = await runCli([...argv, '--json']);
      assert.equal(json.json().error?.code, 'cli/usage');
    });
  }

  test('--debug adds a stack, and only then', async () => {
    assert.match((await runCli(['packet', 'trace', '0x12', '--debug'])).stderr, /\n {4}at /);
  });

  test('help names every command, the exit codes and examples', async () => {
    const { code, stdout } = await runCli(['--help']);
    assert.equal(code, EXIT.ok);
    for (const word of [
      'demo',
      'config',
      'keys',
      'deploy',
      'run',
      'client',
      'packet',
      'proof',
      'guard',
      'Exit codes',
      'Examples',
    ]) {
      assert.ok(stdout.includes(word), word);
    }
  });

  test('help of every command shows examples, --json and --config', async () => {
    const commands = [
      ...['generate', 'import', 'show'].map((name) => ['keys', name]),
      ...['core', 'client', 'transfer', 'handover'].map((name) => ['deploy', name]),
      ...['list', 'show', 'update', 'submit-misbehaviour'].map((name) => ['client', name]),
      ...['status', 'export', 'import', 'clear'].map((name) => ['guard', name]),
      ...['trace', 'list', 'relay'].map((name) => ['packet', name]),
      ['proof', 'inspect'],
      ['config', 'validate'],
      ['run'],
      ['demo'],
    ];
    for (const command of commands) {
      const { code, stdout } = await runCli([...command, '--help']);
      assert.equal(code, EXIT.ok, command.join(' '));
      for (const word of ['Examples:', '--json', '--config'])
        assert.ok(stdout.includes(word), `${command.join(' ')}: ${word}`);
    }
  });

  test('the help of deploy client is as recorded', async () => {
    const { stdout } = await runCli(['deploy', 'client', '--help']);
    assert.equal(stdout, await readFile(new URL('./snapshots/deploy-client-help.txt', import.meta.url), 'utf8'));
  });
});

describe('a configuration with faults', () => {
  test('is exit code 3, with every fault, its place and a mark under it', async (context) => {
    const cwd = await makeDirectory(context);
    await writeFile(
      join(cwd, 'attest.yaml'),
      EXAMPLE.replace('31337', '0').replace('quorum: 2 }\nproofApi', 'quorum: 9 }\nproofApi'),
    );
    const { code, stderr } = await runCli(['config', 'validate'], { cwd, env: EXAMPLE_ENV });
    assert.equal(code, EXIT.config);
    assert.match(stderr, /error \[config\/invalid\] .*attest\.yaml: 2 problems/);
    assert.match(stderr, /attest\.yaml:4:21 chains\.alpha\.chainId: expected 1\.\./);
    assert.match(stderr, /4 \| .*chainId: 0.*\n +\^/);
    const json = (await runCli(['config', 'validate', '--json'], { cwd, env: EXAMPLE_ENV })).json<{
      error: { issues: { code: string }[] };
    }>();
    assert.deepEqual(
      json.error.issues.map((issue) => issue.code),
      ['config/invalid-value', 'config/quorum-out-of-range'],
    );
  });

  test('shows no secret that somebody wrote into it, and nothing that variables hold', async (context) => {
    const cwd = await makeDirectory(context);
    const secret = 'hunter2secret';
    const words = 'test test test test test test test test test test test junk';
    const text = EXAMPLE.replace('{ env: PASSWORD }', secret)
      .replace('{ file: keys/password }', `{ plain: ${secret} }`)
      .replace('attestors:\n', `  a: { mnemonic: "${words}" }\n  b:\n    mnemonic:\n      ${words}\nattestors:\n`)
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the file
      .replace('"0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"', '"${PASSWORD}"');
    await writeFile(join(cwd, 'attest.yaml'), text);
    const env = { ...EXAMPLE_ENV, PASSWORD: `0x${'5ec2e7'.repeat(30)}` };
    for (const json of [[], ['--json']]) {
      const { code, stdout, stderr } = await runCli(['config', 'validate', ...json], { cwd, env });
      assert.equal(code, EXIT.config);
      for (const hidden of [secret, 'junk', '5ec2e7']) assert.ok(!(stdout + stderr).includes(hidden), stdout + stderr);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
      assert.ok((stdout + stderr).includes('not an Ethereum address: ${PASSWORD}'), stdout + stderr);
    }
    await writeFile(join(cwd, 'attest.yaml'), EXAMPLE.replace('{ env: PASSWORD }', `"${secret}`));
    assert.ok(!(await runCli(['config', 'validate'], { cwd, env })).stderr.includes(secret));
  });

  test('a chain that is down keeps no other out of the list of clients', async (context) => {
    const cwd = await makeDirectory(context);
    const text = EXAMPLE.replaceAll('127.0.0.1:854', '127.0.0.1:1').replaceAll(
      'deployer: deployer }',
      `router: "${KEY_ADDRESS}", requestTimeoutMs: 500 }`,
    );
    await writeFile(join(cwd, 'attest.yaml'), text);
    const { code, stdout } = await runCli(['client', 'list', '--json'], { cwd, env: EXAMPLE_ENV });
    assert.equal(code, EXIT.unavailable, stdout);
    const { ok, clients } = JSON.parse(stdout) as { ok: boolean; clients: { id: string; error: { code: string } }[] };
    assert.equal(ok, false);
    assert.deepEqual(
      clients.map(({ id, error }) => [id, error.code]),
      [
        ['attest-alpha', 'chain/unavailable'],
        ['attest-beta', 'chain/unavailable'],
      ],
    );
  });

  test('an initial height is about one client', async (context) => {
    const cwd = await makeDirectory(context);
    await writeFile(join(cwd, 'attest.yaml'), EXAMPLE);
    const state = ['--initial-height', '7', '--initial-timestamp', '1700000000'];
    const { code, stderr } = await runCli(['deploy', 'client', ...state], { cwd, env: EXAMPLE_ENV });
    assert.equal(code, EXIT.usage);
    assert.match(stderr, /this command is about 2 clients/);
  });

  test('that is not there says so', async (context) => {
    const cwd = await makeDirectory(context);
    const { code, stderr } = await runCli(['client', 'list'], { cwd });
    assert.equal(code, EXIT.config);
    assert.match(stderr, /there is no such file/);
  });
});

describe('keys', () => {
  test('imported, shown and unlocked; the file is readable by its owner only and never overwritten', async (context) => {
    const cwd = await makeDirectory(context);
    const env = { PASSWORD: 'correct horse' };
    const password = ['--password-env', 'PASSWORD'];
    const imported = await runCli(['keys', 'import', 'k.json', ...password, '--json'], { cwd, env, stdin: `${KEY}\n` });
    assert.equal(imported.code, EXIT.ok, imported.stderr);
    assert.equal(imported.json<{ address: string }>().address, KEY_ADDRESS);
    assert.equal((await stat(join(cwd, 'k.json'))).mode & 0o777, 0o600);
    const shown = await runCli(['keys', 'show', 'k.json'], { cwd });
    assert.match(shown.stdout, new RegExp(KEY_ADDRESS));
    assert.equal((await runCli(['keys', 'show', 'k.json', '--unlock', ...password], { cwd, env })).code, EXIT.ok);
    const wrong = await runCli(['keys', 'show', 'k.json', '--unlock', ...password], {
      cwd,
      env: { PASSWORD: 'wrong' },
    });
    assert.equal(wrong.code, EXIT.key);
    assert.match(wrong.stderr, /keystore\/wrong-password/);
    const again = await runCli(['keys', 'generate', 'k.json', ...password], { cwd, env });
    assert.notEqual(again.code, EXIT.ok);
    assert.equal(JSON.parse(await readFile(join(cwd, 'k.json'), 'utf8')).address, KEY_ADDRESS.slice(2).toLowerCase());
  });

  test('bad keys, missing passwords and damaged files are told apart, and no key is ever printed', async (context) => {
    const cwd = await makeDirectory(context);
    const env = { PASSWORD: 'x' };
    const secret = 'ab'.repeat(31);
    const short = await runCli(['keys', 'import', 'k.json', '--password-env', 'PASSWORD'], { cwd, env, stdin: secret });
    assert.equal(short.code, EXIT.usage);
    assert.doesNotMatch(short.stderr + short.stdout, /abab/);
    const zero = await runCli(['keys', 'import', 'k.json', '--password-env', 'PASSWORD'], {
      cwd,
      env,
      stdin: '00'.repeat(32),
    });
    assert.notEqual(zero.code, EXIT.ok);
    assert.equal((await runCli(['keys', 'generate', 'k.json'], { cwd })).code, EXIT.key);
    assert.equal((await runCli(['keys', 'generate', 'k.json', '--password-env', 'NOPE'], { cwd })).code, EXIT.key);
    await writeFile(join(cwd, 'bad.json'), '{"version":3}');
    assert.equal(
      (await runCli(['keys', 'show', 'bad.json', '--unlock', '--password-env', 'PASSWORD'], { cwd, env })).code,
      EXIT.key,
    );
    assert.equal((await runCli(['keys', 'show', 'nope.json'], { cwd })).json === undefined, false);
  });
});

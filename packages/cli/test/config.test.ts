import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '../src/config/error.ts';
import type { ConfigIssue, ConfigIssueCode } from '../src/config/issue.ts';
import { parseConfig } from '../src/config/load.ts';
import type { KeystoreSignerEntry } from '../src/config/types.ts';
import { EXAMPLE, EXAMPLE_ENV } from './support/example-config.ts';

const issuesOf = (text: string, env: Readonly<Record<string, string>> = EXAMPLE_ENV): readonly ConfigIssue[] => {
  try {
    parseConfig(text, '/etc/attest/attest.yaml', env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.issues;
  }
};
const change = (from: string | RegExp, to: string): string => {
  const changed = EXAMPLE.replace(from, to);
  assert.notEqual(changed, EXAMPLE, `nothing matches ${from}`);
  return changed;
};
/** A reference to an environment variable. */
const variable = (name: string): string => `\${${name}}`;
const A1 = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
const ZERO = `0x${'0'.repeat(40)}`;

describe('a configuration without fault', () => {
  const config = parseConfig(EXAMPLE, '/etc/attest/attest.yaml', EXAMPLE_ENV);

  const keystore = (name: string): KeystoreSignerEntry => {
    const entry = config.signers[name];
    assert.ok(entry !== undefined && 'keystore' in entry);
    return entry;
  };

  test('has variables expanded and paths made absolute from the place of the file', () => {
    assert.equal(config.chains.beta?.rpcUrl, 'http://127.0.0.1:8546/v2/api-key-1234');
    assert.equal(config.dataDir, '/etc/attest/data');
    assert.equal(keystore('deployer').keystore, '/etc/attest/keys/deployer.json');
    assert.deepEqual(keystore('alpha-1').password, { file: '/etc/attest/keys/password' });
    assert.ok(config.chains.beta?.kind === 'evm');
    assert.deepEqual(config.chains.beta.finality, { offset: 2 });
  });

  test('takes numbers from variables, a literal dollar-brace, and never YAML out of a variable', () => {
    const text = change('chainId: 31337', `chainId: "${variable('ID')}"`).replace(
      'dataDir: data',
      () => `dataDir: "$${variable('x')}"`,
    );
    const parsed = parseConfig(text, '/a.yaml', { ...EXAMPLE_ENV, ID: '5', KEY: 'x", chainId: 7, y: "' });
    assert.equal(parsed.chains.alpha?.chainId, 5);
    assert.equal(parsed.dataDir, `/${variable('x')}`);
    assert.equal(parsed.chains.beta?.chainId, 31338);
  });

  test('stays so with two clients of one attestor set, and with health shared by attestors', () => {
    assert.deepEqual(
      issuesOf(change('url: 127.0.0.1:8082 }', 'url: 127.0.0.1:8082, health: 127.0.0.1:8081, signer: alpha-1 }')),
      [],
    );
  });
});

describe('no issue shows what may be a secret', () => {
  const signer = (text: string): string =>
    change('  alpha-1: { keystore: keys/alpha-1.json', `${text}\n  alpha-1: { keystore: keys/alpha-1.json`);
  const cases: readonly (readonly [string, string])[] = [
    ['on the line below its key', signer('  a: { keystore: k, password:\n     "hunter7" }')],
    [
      'of a file that is written as JSON',
      '{\n  "signers": {\n    "a": { "password":\n      "hunter7" },\n    "f": [\n      "hunter7" ] } }',
    ],
    ['under a key that is none', change('dataDir: data', 'password:\n  hunter7: 1\ndataDir: data')],
    ['in a tag', signer('  a: { keystore: k, password: !hunter7 x }')],
    ['in the head of a block', signer('  a:\n    password: |x hunter7')],
    ['after a bracket', signer('  a:\n    password: ]hunter7')],
    ['that is not indented', signer('  a:\n    password: "x\nhunter7')],
  ];
  for (const [name, text] of cases) {
    test(name, () => {
      const issues = issuesOf(text);
      assert.notEqual(issues.length, 0);
      for (const { message, excerpt = '' } of issues) assert.ok(!`${message}${excerpt}`.includes('hunter7'), message);
    });
  }

  test('and lines without one are shown', () => {
    const excerpts = issuesOf(change('quorum: 2 }\nproofApi', 'quorum: 9 }\nproofApi')).map(({ excerpt }) => excerpt);
    assert.match(excerpts.join(), /quorum: 9/);
    assert.match(
      issuesOf(change('dataDir: data', 'dataDir: ['))
        .map(({ excerpt }) => excerpt)
        .join(),
      /chains/,
    );
  });
});

describe('each fault has a code, a path and a line', () => {
  const cases: readonly (readonly [string, string, ConfigIssueCode, string, number | undefined])[] = [
    ['not YAML', change('chains:\n', 'chains: [\n'), 'config/yaml', '', undefined],
    ['a list at the top', '- 1', 'config/yaml', '', undefined],
    ['nothing at all', '', 'config/yaml', '', undefined],
    ['an alias', change('dataDir: data', 'dataDir: *x'), 'config/yaml', '', undefined],
    ['an unknown section', change('proofApi:', 'proofAPI:'), 'config/unknown-key', 'proofAPI', 20],
    [
      'peers.md #16: an unknown key',
      change('finality: finalized', 'finalty: finalized'),
      'config/unknown-key',
      'chains.alpha.finalty',
      4,
    ],
    ['an id that stands twice', change('  alpha-2:', '  alpha-1:'), 'config/duplicate-id', '', 11],
    ['a variable that is not set', change(variable('KEY'), variable('NOPE')), 'config/undefined-variable', '', 5],
    [
      'a variable that is not closed',
      change(variable('KEY'), variable('KEY').slice(0, -1)),
      'config/undefined-variable',
      '',
      5,
    ],
    [
      'a missing key',
      change(', quorum: 2 }\n      - { on: alpha', ' }\n      - { on: alpha'),
      'config/missing-key',
      'connections.alpha-beta.clients[0].quorum',
      18,
    ],
    ['no version', change('version: 1\n', ''), 'config/missing-key', 'version', undefined],
    ['another version', change('version: 1', 'version: 2'), 'config/invalid-value', 'version', 1],
    ['a chain id of zero', change('31337', '0'), 'config/invalid-value', 'chains.alpha.chainId', 4],
    ['a huge chain id', change('31337', '99999999999999999999'), 'config/invalid-value', 'chains.alpha.chainId', 4],
    [
      'a URL of another kind',
      change('http://127.0.0.1:8545', 'ftp://x'),
      'config/invalid-value',
      'chains.alpha.rpcUrl',
      4,
    ],
    [
      'a broken checksum',
      change(A1, A1.replace('7E5F', '7e5F')),
      'config/invalid-value',
      'attestors.alpha-1.address',
      10,
    ],
    [
      "a client id of another chain's making",
      change('id: attest-alpha', 'id: client-0'),
      'config/invalid-value',
      'connections.alpha-beta.clients[0].id',
      18,
    ],
    ['a name that is no name', change('  alpha-2:', '  "../x":'), 'config/invalid-value', 'attestors.../x', 11],
    [
      'a signer that is not there',
      change('signer: alpha-1 }', 'signer: alpha-9 }'),
      'config/unknown-reference',
      'attestors.alpha-1.signer',
      10,
    ],
    [
      'an attestor that is not there',
      change('[alpha-1, alpha-2, alpha-3]', '[alpha-1, alpha-2, alpha-9]'),
      'config/unknown-reference',
      'connections.alpha-beta.clients[0].attestors[2]',
      18,
    ],
    ['peers.md #16: attestor address zero', change(A1, ZERO), 'config/zero-address', 'attestors.alpha-1.address', 10],
    [
      'a quorum above the set',
      change('quorum: 2 }\nproofApi', 'quorum: 3 }\nproofApi'),
      'config/quorum-out-of-range',
      'connections.alpha-beta.clients[1].quorum',
      19,
    ],
    [
      'a quorum of zero',
      change('quorum: 2 }\nproofApi', 'quorum: 0 }\nproofApi'),
      'config/quorum-out-of-range',
      'connections.alpha-beta.clients[1].quorum',
      19,
    ],
    [
      'an empty set',
      change('[beta-1, beta-2], quorum: 2', '[], quorum: 1'),
      'config/quorum-out-of-range',
      'connections.alpha-beta.clients[1].quorum',
      19,
    ],
    [
      'm <= n/2',
      change('[beta-1, beta-2], quorum: 2', '[beta-1, beta-2], quorum: 1'),
      'config/minority-quorum',
      'connections.alpha-beta.clients[1].quorum',
      19,
    ],
    [
      'peers.md #16: 1-of-1',
      change('[beta-1, beta-2], quorum: 2', '[beta-1], quorum: 1'),
      'config/single-attestor',
      'connections.alpha-beta.clients[1].quorum',
      19,
    ],
    [
      'one key for two sources',
      change('0x1efF47bc3a10a45D4B230B5d10E37751FE6AA718', A1),
      'config/key-reuse',
      'attestors.beta-1.address',
      13,
    ],
    [
      'one key twice for one source',
      change('0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF', A1),
      'config/duplicate-attestor',
      'attestors.alpha-2.address',
      11,
    ],
    [
      'an attestor listed twice',
      change('[alpha-1, alpha-2, alpha-3]', '[alpha-1, alpha-2, alpha-2]'),
      'config/duplicate-attestor',
      'connections.alpha-beta.clients[0].attestors[2]',
      18,
    ],
    [
      'an attestor of the wrong chain',
      change('[beta-1, beta-2]', '[beta-1, alpha-2]'),
      'config/wrong-source',
      'connections.alpha-beta.clients[1].attestors[1]',
      19,
    ],
    ['two chains with one id', change('31338', '31337'), 'config/duplicate-chain-id', 'chains.beta.chainId', 5],
    [
      'two clients of one name',
      change('on: alpha, of: beta, id: attest-beta', 'on: beta, of: alpha, id: attest-alpha').replace(
        '[beta-1, beta-2]',
        '[alpha-1, alpha-2]',
      ),
      'config/duplicate-client',
      'connections.alpha-beta.clients[1].id',
      19,
    ],
    [
      'two services at one address',
      change('listen: 127.0.0.1:3000', 'listen: 127.0.0.1:9090'),
      'config/duplicate-address',
      'relayer.listen',
      22,
    ],
    [
      'a client that tracks its own chain',
      change('on: beta, of: alpha', 'on: beta, of: beta'),
      'config/connection-shape',
      'connections.alpha-beta.clients[0].of',
      18,
    ],
    [
      'one client only',
      change(/\n {6}- \{ on: alpha.*\}/, ''),
      'config/connection-shape',
      'connections.alpha-beta.clients',
      18,
    ],
    [
      'a relayer without a signer for a chain',
      change('signers: { alpha: deployer, beta: deployer }', 'signers: { alpha: deployer }'),
      'config/missing-key',
      'relayer.signers',
      23,
    ],
    ['a relayer without a proof API', change(/proofApi:.*\n/, ''), 'config/missing-key', 'relayer', 21],
  ];
  for (const [title, text, code, path, line] of cases) {
    test(`${title}: ${code}`, () => {
      const issues = issuesOf(text);
      const found = issues.find((issue) => issue.code === code && issue.path === path);
      assert.ok(found, JSON.stringify(issues));
      if (line !== undefined) {
        assert.equal(found.line, line);
        assert.ok((found.excerpt ?? '').length > 0);
      }
    });
  }

  test('what is refused can be allowed on purpose', () => {
    const minority = change('[beta-1, beta-2], quorum: 2', '[beta-1, beta-2], quorum: 1, allowMinorityQuorum: true');
    const single = change('[beta-1, beta-2], quorum: 2', '[beta-1], quorum: 1, allowSingleAttestor: true');
    assert.deepEqual([...issuesOf(minority), ...issuesOf(single)], []);
  });

  test('all faults of a file are reported at once, in its order', () => {
    const text = change('31337', '0')
      .replace(variable('KEY'), variable('NOPE'))
      .replace('url: 127.0.0.1:8084', 'url: nowhere')
      .replace('[beta-1, beta-2], quorum: 2', '[beta-1, beta-2], quorum: 9')
      .replace('proofApi:', 'proofAPI:');
    const issues = issuesOf(text);
    assert.deepEqual(
      issues.map(({ code, line }) => [code, line]),
      [
        ['config/invalid-value', 4],
        ['config/undefined-variable', 5],
        ['config/invalid-value', 13],
        ['config/quorum-out-of-range', 19],
        ['config/unknown-key', 20],
        ['config/missing-key', 22],
      ],
    );
  });

  test('excerpts and messages hold no credentials', () => {
    const text = change('http://127.0.0.1:8545', 'http://user:hunter2@127.0.0.1:8545/v3/topsecret').replace(
      '31337',
      '0',
    );
    const all = JSON.stringify(issuesOf(text));
    assert.doesNotMatch(all, /hunter2|topsecret|api-key-1234/);
  });
});

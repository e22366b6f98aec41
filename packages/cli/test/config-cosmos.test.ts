import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agreementOf } from '../src/config/agreement.ts';
import { ConfigError } from '../src/config/error.ts';
import type { ConfigIssueCode } from '../src/config/issue.ts';
import { parseConfig } from '../src/config/load.ts';
import type { ChainEntry } from '../src/config/types.ts';

const EXAMPLE = `version: 1
chains:
  alpha: { chainId: 31337, rpcUrl: "http://127.0.0.1:8545", deployer: deployer }
  gaia: { kind: cosmos, chainId: gaia-1, rpcUrl: "http://127.0.0.1:26657", gasPrice: 0.025stake, deployer: deployer }
  osmo: { kind: cosmos, chainId: osmo-1, rpcUrl: "http://127.0.0.1:26658", gasPrice: 0.1uosmo, bech32Prefix: osmo, maxTxGas: "\${GAS}" }
signers:
  deployer: { keystore: keys/deployer.json, password: { env: PASSWORD } }
  words: { mnemonic: { file: keys/words }, hdPath: "m/44'/118'/0'/0/1" }
attestors:
  alpha-1: { chain: alpha, address: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf", url: 127.0.0.1:8080, signer: words }
  alpha-2: { chain: alpha, address: "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF", url: 127.0.0.1:8082 }
  gaia-1: { chain: gaia, address: "0x1efF47bc3a10a45D4B230B5d10E37751FE6AA718", url: 127.0.0.1:8084 }
  gaia-2: { chain: gaia, address: "0xe1AB8145F7E55DC933d51a18c793F901A3A0b276", url: 127.0.0.1:8085 }
connections:
  alpha-gaia:
    clients:
      - { on: alpha, of: gaia, id: attest-gaia-0, attestors: [gaia-1, gaia-2], quorum: 2 }
      - { on: gaia, of: alpha, attestors: [alpha-1, alpha-2], quorum: 2 }
proofApi: { listen: 127.0.0.1:9090 }
relayer:
  listen: 127.0.0.1:3000
  signers: { alpha: deployer, gaia: words }
  lowBalance: { alpha: "5", gaia: "7" }
`;
const ENV = { PASSWORD: 'x', GAS: '2000000' };

const issuesOf = (
  text: string,
): readonly { code: string; path: string; message: string; line?: number | undefined }[] => {
  try {
    parseConfig(text, '/etc/attest/attest.yaml', ENV);
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

describe('a configuration with Cosmos chains', () => {
  test('without fault parses: kinds, numbers from variables, defaults, mnemonics', () => {
    const config = parseConfig(EXAMPLE, '/etc/attest/attest.yaml', ENV);
    assert.deepEqual(config.chains.gaia, {
      kind: 'cosmos',
      chainId: 'gaia-1',
      rpcUrl: 'http://127.0.0.1:26657',
      gasPrice: '0.025stake',
      bech32Prefix: 'cosmos',
      deployer: 'deployer',
    });
    assert.ok(config.chains.osmo?.kind === 'cosmos');
    assert.deepEqual([config.chains.osmo.maxTxGas, config.chains.osmo.bech32Prefix], [2_000_000, 'osmo']);
    assert.deepEqual(config.signers.words, {
      mnemonic: { file: '/etc/attest/keys/words' },
      hdPath: "m/44'/118'/0'/0/1",
    });
    assert.deepEqual(
      config.connections['alpha-gaia']?.clients.map(({ id }) => id),
      ['attest-gaia-0', undefined],
    );
    assert.deepEqual(config.relayer?.lowBalance, { alpha: '5', gaia: '7' });
  });

  test('takes the id of a client that exists', () => {
    assert.deepEqual(issuesOf(change('of: alpha, attestors', 'of: alpha, id: attestations-3, attestors')), []);
  });

  test('takes further RPC endpoints, and how many of them must agree, for chains of both kinds', () => {
    const more = (of: string, quorum: string) =>
      change(of, `${of}, moreRpcUrls: ["https://one.example/v2/hunter7", "https://two.example"]${quorum}`);
    const { chains } = parseConfig(more('chainId: 31337', ''), '/etc/attest/attest.yaml', ENV);
    assert.deepEqual(agreementOf(chains.alpha as ChainEntry), {
      rpcUrls: ['http://127.0.0.1:8545', 'https://one.example/v2/hunter7', 'https://two.example'],
      required: 2,
    });
    const three = parseConfig(more('chainId: gaia-1', ', rpcQuorum: "3"'), '/etc/attest/attest.yaml', ENV).chains;
    assert.equal(agreementOf(three.gaia as ChainEntry).required, 3);
    assert.deepEqual(agreementOf(three.alpha as ChainEntry), { rpcUrls: ['http://127.0.0.1:8545'], required: 1 });

    for (const chain of ['chainId: 31337', 'chainId: gaia-1']) {
      const name = chain.endsWith('7') ? 'alpha' : 'gaia';
      const codes = (urls: string, quorum: string) =>
        issuesOf(change(chain, `${chain}, moreRpcUrls: [${urls}]${quorum}`)).map(({ code, path }) => [code, path]);
      const two = '"https://one.example/v2/hunter7", "https://two.example"';
      const range = [['config/quorum-out-of-range', `chains.${name}.rpcQuorum`]];
      assert.deepEqual(codes(two, ', rpcQuorum: 1'), range, 'no majority');
      assert.deepEqual(codes(two, ', rpcQuorum: 4'), range, 'more than there are');
      const twice = codes('"https://one.example/a", "https://one.example/b"', '');
      assert.deepEqual(twice, [['config/duplicate-rpc', `chains.${name}.moreRpcUrls[1]`]]);
      assert.deepEqual(codes('"ftp://one.example"', ''), [['config/invalid-value', `chains.${name}.moreRpcUrls[0]`]]);
      assert.deepEqual(codes('', ''), [['config/invalid-value', `chains.${name}.moreRpcUrls`]]);
      const alone = issuesOf(change(chain, `${chain}, rpcQuorum: 2`)).map(({ code }) => code);
      assert.deepEqual(alone, ['config/quorum-out-of-range']);
    }
    const shown = issuesOf(more('chainId: 31337', ', rpcQuorum: 9'));
    assert.ok(!JSON.stringify(shown).includes('hunter7'));
  });

  const gaia = 'gaia: { kind: cosmos, chainId: gaia-1';
  const cases: readonly (readonly [string, string, ConfigIssueCode, string, number])[] = [
    [
      'a kind that does not exist',
      change('kind: cosmos', 'kind: solana'),
      'config/invalid-value',
      'chains.gaia.kind',
      4,
    ],
    ['a key of EVM chains', change(gaia, `${gaia}, finality: latest`), 'config/unknown-key', 'chains.gaia.finality', 4],
    [
      'a Cosmos key on an EVM chain',
      change('31337,', '31337, gasPrice: 1wei,'),
      'config/unknown-key',
      'chains.alpha.gasPrice',
      3,
    ],
    ['a chain id that is a number', change('gaia-1,', '7,'), 'config/invalid-value', 'chains.gaia.chainId', 4],
    ['no RPC URL', change('rpcUrl: "http://127.0.0.1:26657", ', ''), 'config/missing-key', 'chains.gaia.rpcUrl', 4],
    [
      'a price without a denomination',
      change('0.025stake', '0.025'),
      'config/invalid-value',
      'chains.gaia.gasPrice',
      4,
    ],
    [
      'a limit out of range',
      change(gaia, `${gaia}, maxBatchCalls: 1`),
      'config/invalid-value',
      'chains.gaia.maxBatchCalls',
      4,
    ],
    [
      'no price of gas for the relayer',
      change(', gasPrice: 0.025stake', ''),
      'config/missing-key',
      'chains.gaia.gasPrice',
      4,
    ],
    [
      'a deployer that is not there',
      change('0.025stake, deployer: deployer', '0.025stake, deployer: nobody'),
      'config/unknown-reference',
      'chains.gaia.deployer',
      4,
    ],
    [
      'two chains of one id, whatever their kinds',
      change('chainId: gaia-1', 'chainId: "31337"'),
      'config/duplicate-chain-id',
      'chains.gaia.chainId',
      4,
    ],
    ['a path that is none', change("m/44'/118'", 'x/44'), 'config/invalid-value', 'signers.words.hdPath', 8],
    [
      'words in the file itself',
      change('{ file: keys/words }', '"abandon abandon"'),
      'config/invalid-value',
      'signers.words.mnemonic',
      8,
    ],
    [
      'a mnemonic with a password',
      change('{ file: keys/words },', '{ file: keys/words }, password: { env: X },'),
      'config/unknown-key',
      'signers.words.password',
      8,
    ],
    [
      'an EVM client without an id',
      change(' id: attest-gaia-0,', ''),
      'config/missing-key',
      'connections.alpha-gaia.clients[0].id',
      17,
    ],
    [
      'an EVM client id that ibc-go refuses as a counterparty',
      change('attest-gaia-0', 'attest-gaia'),
      'config/invalid-value',
      'connections.alpha-gaia.clients[0].id',
      17,
    ],
    [
      'a Cosmos client id that no chain assigns',
      change('of: alpha, attestors', 'of: alpha, id: attest-alpha, attestors'),
      'config/invalid-value',
      'connections.alpha-gaia.clients[1].id',
      18,
    ],
    [
      'an attestor of the other chain',
      change('[gaia-1, gaia-2]', '[gaia-1, alpha-2]'),
      'config/wrong-source',
      'connections.alpha-gaia.clients[0].attestors[1]',
      17,
    ],
    [
      'no relayer signer for a Cosmos chain',
      change(', gaia: words }', ' }'),
      'config/missing-key',
      'relayer.signers',
      22,
    ],
    [
      'a low balance of no chain',
      change('gaia: "7"', 'nope: "7"'),
      'config/unknown-reference',
      'relayer.lowBalance.nope',
      23,
    ],
    [
      'peers.md #16: one key for two sources',
      change('0x1efF47bc3a10a45D4B230B5d10E37751FE6AA718', '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf'),
      'config/key-reuse',
      'attestors.gaia-1.address',
      12,
    ],
  ];
  for (const [title, text, code, path, line] of cases) {
    test(`${title}: ${code}`, () => {
      const issues = issuesOf(text);
      assert.ok(
        issues.some((issue) => issue.code === code && issue.path === path && issue.line === line),
        JSON.stringify(issues, undefined, 1),
      );
    });
  }

  test('all faults of one chain are told at once', () => {
    const text = change(gaia, `${gaia}, finality: latest, maxTxBytes: 1, pollIntervalMs: soon`).replace(
      '0.025stake',
      'free',
    );
    assert.deepEqual(
      issuesOf(text)
        .filter(({ path }) => path.startsWith('chains.gaia'))
        .map(({ code, path }) => `${code} ${path}`)
        .toSorted(),
      [
        'config/invalid-value chains.gaia.gasPrice',
        'config/invalid-value chains.gaia.maxTxBytes',
        'config/invalid-value chains.gaia.pollIntervalMs',
        'config/unknown-key chains.gaia.finality',
      ],
    );
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type EvmNode, type Reaper, startAnvil, startReaper } from '@interchain-attestation/devnet';
import { EXIT } from '../src/output/exit-codes.ts';
import { type CliResult, runCli } from './support/run-cli.ts';

const CHAINS = { alpha: 31337, beta: 31338 } as const;
const WORDS = `${'test '.repeat(11)}junk`;

const configOf = (nodes: Readonly<Record<keyof typeof CHAINS, EvmNode>>): string => `version: 1
dataDir: data
chains:
  alpha: { chainId: ${CHAINS.alpha}, rpcUrl: "${nodes.alpha.rpcUrl}", requestTimeoutMs: 20000, deployer: d }
  beta: { chainId: ${CHAINS.beta}, rpcUrl: "${nodes.beta.rpcUrl}", requestTimeoutMs: 20000, deployer: d }
signers:
  d: { mnemonic: { env: WORDS }, hdPath: "m/44'/60'/0'/0/0" }
attestors:
  a1: { chain: alpha, address: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf", url: 127.0.0.1:1 }
  b1: { chain: beta, address: "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF", url: 127.0.0.1:1 }
connections:
  alpha-beta:
    clients:
      - { on: beta, of: alpha, id: attest-alpha, attestors: [a1], quorum: 1, allowSingleAttestor: true }
      - { on: alpha, of: beta, id: attest-beta, attestors: [b1], quorum: 1, allowSingleAttestor: true }
`;

describe("a client's first state on an operator's word", () => {
  let reaper: Reaper;
  let nodes: Record<keyof typeof CHAINS, EvmNode>;
  let cwd: string;
  const attest = (...argv: readonly string[]): Promise<CliResult> => runCli(argv, { cwd, env: { WORDS } });
  const deployOn = (chain: string, height: bigint | number, timestamp: bigint | number): Promise<CliResult> =>
    attest(
      ...['deploy', 'client', '--connection', 'alpha-beta', '--chain', chain],
      ...['--initial-height', `${height}`, '--initial-timestamp', `${timestamp}`],
    );
  const timeOf = async (node: EvmNode, height: number): Promise<number> => {
    const params = [`0x${height.toString(16)}`, false];
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(node.rpcUrl, { method: 'POST', headers, body });
    const { result } = (await response.json()) as { result: { timestamp: string } };
    return Number(result.timestamp);
  };

  before(async () => {
    reaper = startReaper();
    const start = (chainId: number) => startAnvil({ chainId, blockTimeSec: 'auto', reaper });
    const [alpha, beta] = await Promise.all([start(CHAINS.alpha), start(CHAINS.beta)]);
    nodes = { alpha, beta };
    cwd = await mkdtemp(join(tmpdir(), 'attest-cli-'));
    await writeFile(join(cwd, 'attest.yaml'), configOf(nodes));
    const { code, stderr } = await attest('deploy', 'core');
    assert.equal(code, EXIT.ok, stderr);
  });
  after(async () => {
    await Promise.all(Object.values(nodes).map((node) => node.close()));
    await reaper.close();
    await rm(cwd, { recursive: true, force: true });
  });

  test('is refused where the chain made that block at another time, or has none', async () => {
    const time = await timeOf(nodes.alpha, 2);
    const wrong = await deployOn('beta', 2, time - 1);
    assert.equal(wrong.code, EXIT.usage, wrong.stderr);
    assert.match(wrong.stderr, new RegExp(`alpha made block 2 at ${time}`));
    const none = await deployOn('beta', 1_000_000, time);
    assert.equal(none.code, EXIT.usage, none.stderr);
    assert.match(none.stderr, /alpha has no block 1000000/);
  });

  test('is taken where the chain says the same', async () => {
    const { code, stderr } = await deployOn('alpha', 2, await timeOf(nodes.beta, 2));
    assert.equal(code, EXIT.ok, stderr);
  });

  test('is not taken unseen: without an answer of the chain the command fails', async () => {
    const time = await timeOf(nodes.alpha, 2);
    await nodes.alpha.close();
    const { code, stderr } = await deployOn('beta', 2, time);
    assert.equal(code, EXIT.unavailable, stderr);
    assert.match(stderr, /chain\/unavailable/);
  });
});

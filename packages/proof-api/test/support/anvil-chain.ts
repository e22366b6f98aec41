import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { createMemorySigner, type TxSender, type UnsignedTransaction } from '@interchain-attestation/chains';
import { createEvmChain, type EvmChain, type EvmFinality } from '@interchain-attestation/chains/evm';
import {
  accessManagerArtifact,
  erc1967ProxyArtifact,
  ics26RouterAbi,
  ics26RouterArtifact,
  minimalAppArtifact,
  roleIds,
  roleRules,
} from '@interchain-attestation/contracts';
import type { Hex } from '@interchain-attestation/core';
import { type Abi, encodeDeployData, encodeFunctionData, parseAbi } from 'viem';

/** First account of anvil's well-known mnemonic: worthless outside of tests. */
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const ACCOUNT = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
export const PORT = 'minimal';

const managerAbi: Abi = parseAbi(['function setTargetFunctionRole(address target, bytes4[] selectors, uint64 role)']);
const routerAbi = ics26RouterAbi as Abi;

/** A router with an app on a real node. */
export interface AnvilChain {
  readonly name: string;
  readonly url: string;
  readonly chainId: string;
  readonly router: Hex;
  readonly chain: EvmChain;
  readonly sender: TxSender;
  rpc<T>(method: string, params?: readonly unknown[]): Promise<T>;
  /** Another view of the same chain, as another process would have. */
  connect(): EvmChain;
  /** Deploys creation code, as CreateClient makes it. */
  deployCode(code: Uint8Array): Promise<Hex>;
  /** Registers a light client on the router as the next `client-N`. */
  addClient(counterparty: string, lightClient: Hex): Promise<void>;
  /** Sends packets with one transaction each; their ids. All are mined when it resolves. */
  sendPackets(
    count: number,
    clientId: string,
    timeoutSec: bigint,
    payload?: { readonly destPort?: string; readonly value?: Hex },
  ): Promise<readonly Hex[]>;
  stop(): Promise<void>;
}

const binary = (): string => {
  const platform = `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  return join(dirname(createRequire(import.meta.url).resolve(`${platform}/package.json`)), 'bin', 'anvil');
};

const portOf = async (child: ChildProcess): Promise<number> => {
  const exited = once(child, 'exit').then((): never => {
    throw new Error('anvil ended before it listened');
  });
  const found = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) => {
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(line);
      if (match !== null) resolve(Number(match[1]));
    });
  });
  return Promise.race([found, exited]);
};

/** Starts anvil and deploys the core contracts. Each transaction makes a block, unless `args` say otherwise. */
export const startAnvilChain = async (
  name: string,
  chainId: number,
  options: { readonly args?: readonly string[]; readonly finality?: EvmFinality } = {},
): Promise<AnvilChain> => {
  const cache = await mkdtemp(join(tmpdir(), 'anvil-'));
  const args = ['--chain-id', String(chainId), '--port', '0', '--cache-path', cache, ...(options.args ?? [])];
  const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = `http://127.0.0.1:${await portOf(child)}`;
  const rpc = async <T>(method: string, params: readonly unknown[] = []): Promise<T> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { result, error } = (await response.json()) as { result: T; error?: { message: string } };
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const broadcast = (to: Hex | null, data: Hex): Promise<Hex> =>
    rpc<Hex>('eth_sendTransaction', [{ from: ACCOUNT, data, gas: '0xf00000', ...(to === null ? {} : { to }) }]);
  const receipt = async (hash: Hex): Promise<{ status: Hex; contractAddress: Hex }> => {
    for (;;) {
      const found = await rpc<{ status: Hex; contractAddress: Hex } | null>('eth_getTransactionReceipt', [hash]);
      if (found?.status === '0x0') throw new Error(`transaction ${hash} of the fixture failed`);
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const send = async (to: Hex | null, data: Hex): Promise<Hex> =>
    (await receipt(await broadcast(to, data))).contractAddress;
  const deploy = (artifact: { abi: Abi; bytecode: Hex }, inputs: readonly unknown[]): Promise<Hex> =>
    send(null, encodeDeployData({ ...artifact, args: inputs } as never));
  const call = (functionName: string, inputs: readonly unknown[]): Hex =>
    encodeFunctionData({ abi: routerAbi, functionName, args: inputs });

  const manager = await deploy(accessManagerArtifact as never, [ACCOUNT]);
  const implementation = await deploy(ics26RouterArtifact as never, []);
  const router = await deploy(erc1967ProxyArtifact as never, [implementation, call('initialize', [manager])]);
  for (const rule of roleRules.filter(({ target }) => target === 'ics26Router')) {
    const inputs = [router, rule.selectors, roleIds.public];
    await send(manager, encodeFunctionData({ abi: managerAbi, functionName: 'setTargetFunctionRole', args: inputs }));
  }
  const app = await deploy(minimalAppArtifact as never, []);
  await send(router, call('addIBCApp', [PORT, app]));
  const connect = (): EvmChain =>
    createEvmChain({
      name,
      chainId: String(chainId),
      rpcUrl: url,
      router,
      finality: options.finality ?? { tag: 'latest' },
      pollIntervalMs: 50,
    });
  const chain = connect();
  return {
    name,
    url,
    chainId: String(chainId),
    router,
    chain,
    connect,
    rpc,
    sender: chain.createSender(createMemorySigner(KEY)),
    deployCode: (code) => send(null, `0x${Buffer.from(code).toString('hex')}`),
    async addClient(counterparty, lightClient) {
      await send(router, call('addClient', [{ clientId: counterparty, merklePrefix: ['0x'] }, lightClient]));
    },
    async sendPackets(count, clientId, timeoutSec, change = {}) {
      const payload = {
        sourcePort: PORT,
        destPort: PORT,
        version: 'v1',
        encoding: 'raw',
        value: `0x${'ab'.repeat(192)}`,
        ...change,
      };
      const message = { sourceClient: clientId, timeoutTimestamp: timeoutSec, payload };
      const data = encodeFunctionData({
        abi: minimalAppArtifact.abi as Abi,
        functionName: 'send',
        args: [router, message],
      });
      const hashes: Hex[] = [];
      for (let i = 0; i < count; i++) hashes.push(await broadcast(app, data));
      await Promise.all(hashes.map(receipt));
      return hashes;
    },
    async stop() {
      await chain.close();
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(cache, { recursive: true, force: true });
    },
  };
};

/** Submits what the proof API made. */
export const submit = (chain: AnvilChain, transaction: UnsignedTransaction): ReturnType<TxSender['submit']> =>
  chain.sender.submit(transaction);

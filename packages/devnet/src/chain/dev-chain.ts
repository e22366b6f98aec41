import { testErc20Artifact } from '@interchain-attestation/contracts';
import { type Address, type Hex, parseAddress } from '@interchain-attestation/core';
import {
  type Abi,
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeDeployData,
  http,
  type PublicClient,
  type TransactionReceipt,
  type WalletClient,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { DevnetError } from '../errors.ts';
import type { DevKey } from '../network/keys.ts';
import type { ChainName } from '../network/layout.ts';
import type { EvmNode } from './evm-node.ts';

/** A chain of the network, with what a user of it needs. */
export interface DevChain {
  readonly name: ChainName;
  readonly chainId: number;
  /** Id of the client on this chain that tracks the other one. */
  readonly clientId: string;
  readonly node: EvmNode;
  readonly client: PublicClient;
  /** Calls any method of the node, those of anvil too where it is one. */
  rpc(method: string, params?: readonly unknown[]): Promise<unknown>;
  wallet(key: DevKey): WalletClient;
  /** Sends a transaction and waits for it. @throws DevnetError `devnet/transaction-failed` */
  write(key: DevKey, call: WriteCall): Promise<TransactionReceipt>;
  /** Creates a test token. */
  deployToken(key: DevKey, name: string, symbol: string): Promise<Address>;
  /** Gives the account ether out of nothing. */
  fund(account: Address): Promise<void>;
}

export interface WriteCall {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
}

export const createDevChain = (name: ChainName, clientId: string, node: EvmNode): DevChain => {
  const chain = defineChain({
    id: node.chainId,
    name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [node.rpcUrl] } },
  });
  const transport = http(node.rpcUrl, { timeout: 20_000, retryCount: 0 });
  const client: PublicClient = createPublicClient({ chain, transport, pollingInterval: 100, cacheTime: 0 });
  const wallet = (key: DevKey): WalletClient =>
    createWalletClient({ chain, transport, account: privateKeyToAccount(key.privateKey) });
  const succeeded = async (hash: Hex, what: string): Promise<TransactionReceipt> => {
    const receipt = await client.waitForTransactionReceipt({ hash, timeout: 60_000 });
    if (receipt.status === 'success') return receipt;
    throw new DevnetError('devnet/transaction-failed', `${what} failed on ${name}: ${hash}`, { meta: { chain: name } });
  };
  const rpc: DevChain['rpc'] = (method, params = []) => client.request({ method, params } as never);
  return {
    name,
    chainId: node.chainId,
    clientId,
    node,
    client,
    rpc,
    wallet,
    write: async (key, call) => {
      const signer = wallet(key);
      const hash = await signer.writeContract({ ...call, chain, account: signer.account ?? key.address });
      return succeeded(hash, call.functionName);
    },
    deployToken: async (key, tokenName, symbol) => {
      const signer = wallet(key);
      const data = encodeDeployData({ ...testErc20Artifact, args: [tokenName, symbol] });
      const hash = await signer.sendTransaction({ chain, account: signer.account ?? key.address, data });
      const { contractAddress } = await succeeded(hash, `token ${symbol}`);
      return parseAddress(contractAddress ?? '');
    },
    fund: (account) => node.fund(account),
  };
};

import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import {
  type Abi,
  createTestClient,
  encodeDeployData,
  type Hex,
  http,
  type PublicActions,
  publicActions,
  type TestClient,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
  type WalletActions,
  walletActions,
} from 'viem';
import { foundryBinary } from './foundry.ts';

/** The first of anvil's unlocked accounts. */
export const sender: Hex = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

export type ChainClient = TestClient & PublicActions & WalletActions;

/** A development chain that mines a block for each transaction. */
export interface Chain {
  readonly client: ChainClient;
  /** Sends calldata and waits. A revert throws with the reason, from a call before the transaction. */
  send(to: Hex, data: Hex): Promise<TransactionReceipt>;
  /** Deploys, with constructor arguments, and returns the address. */
  deploy(artifact: { abi: Abi | readonly unknown[]; bytecode: Hex }, args?: readonly unknown[]): Promise<Hex>;
  stop(): Promise<void>;
}

/** Starts anvil on a free port of 127.0.0.1. */
export async function startChain(options: readonly string[] = []): Promise<Chain> {
  const child = spawn(
    foundryBinary('anvil'),
    ['--port', '0', '--host', '127.0.0.1', '--gas-limit', '60000000', ...options],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(text);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`anvil ended with ${code}: ${text}`)));
  });
  const client: ChainClient = createTestClient({
    mode: 'anvil',
    transport: http(`http://127.0.0.1:${port}`, { retryCount: 0, timeout: 60_000 }),
    pollingInterval: 10,
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions);

  const send = async (to: Hex | null, data: Hex): Promise<TransactionReceipt> => {
    // 2^24: what one transaction may spend (EIP-7825).
    const hash = await client.sendTransaction({ account: sender, chain: null, to, data, gas: 16_777_216n });
    const receipt = await receiptOf(client, hash);
    if (receipt.status !== 'success') {
      await client.call({ account: sender, to, data, gas: 16_777_216n });
      throw new Error(`transaction ${hash} reverted`);
    }
    return receipt;
  };
  return {
    client,
    send,
    deploy: async (artifact, args = []) => {
      const data = encodeDeployData({ abi: artifact.abi as Abi, bytecode: artifact.bytecode, args });
      const { contractAddress } = await send(null, data);
      if (!contractAddress) throw new Error('no contract address');
      return contractAddress;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** The block is mined at once, but the hash may be told before it is there. */
async function receiptOf(client: ChainClient, hash: Hex): Promise<TransactionReceipt> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const receipt = await client.getTransactionReceipt({ hash }).catch((error: unknown) => {
      if (error instanceof TransactionReceiptNotFoundError) return undefined;
      throw error;
    });
    if (receipt !== undefined) return receipt;
    await setTimeout(2);
  }
  throw new Error(`transaction ${hash} was not mined within 60 s`);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '@interchain-attestation/go-tools';
import { DevnetError } from '../errors.ts';
import { type ManagedProcess, startProcess } from '../process/managed-process.ts';
import type { Reaper } from '../process/reaper.ts';
import { findAnvil } from './anvil-binary.ts';
import { callNode, type EvmNode } from './evm-node.ts';

export interface AnvilOptions {
  readonly chainId: number;
  /** Seconds between blocks; `auto` makes a block for each transaction. Default 1. */
  readonly blockTimeSec?: number | 'auto';
  /** Time of the first block, unix seconds; now when absent. */
  readonly startTimestampSec?: number;
  /** Blocks whose state is kept. Default 3,000: bounds memory, and nothing is spilt to disk. */
  readonly keptStates?: number;
  readonly name?: string;
  readonly reaper: Reaper;
  readonly onUnexpectedExit?: (process: ManagedProcess, how: string) => void;
}

const HUNDRED_THOUSAND_ETHER = '0x152d02c7e14af6800000';
const POLL_MS = 15;

const answers = async (rpcUrl: string, chainId: number, signal: AbortSignal): Promise<void> => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
  const headers = { 'content-type': 'application/json' };
  for (;;) {
    signal.throwIfAborted();
    try {
      const response = await fetch(rpcUrl, { method: 'POST', headers, body, signal });
      const { result } = (await response.json()) as { result: string };
      if (Number(result) === chainId) return;
      throw new DevnetError('devnet/not-ready', `another chain listens at the port: ${result}`);
    } catch (error) {
      if (error instanceof DevnetError) throw error;
      // Not listening yet: anvil says nothing when it is, so it has to be asked.
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
};

/**
 * Starts an anvil node on a free port: EIP-7825 enforced, finality as anvil counts it, no accounts of its own beside
 * the usual ten, nothing left on disk.
 * @throws DevnetError `devnet/binary-missing`, `devnet/not-ready`
 */
export const startAnvil = async (options: AnvilOptions): Promise<EvmNode> => {
  const { chainId, blockTimeSec = 1, keptStates = 3_000, reaper } = options;
  const command = findAnvil();
  const [port] = await findFreePorts(1);
  const cache = await mkdtemp(join(tmpdir(), 'attest-anvil-'));
  reaper.removeLater(cache);
  const rpcUrl = `http://127.0.0.1:${port}`;
  const args = [
    ...['--host', '127.0.0.1', '--port', `${port}`, '--chain-id', `${chainId}`, '--silent'],
    ...(options.startTimestampSec === undefined ? [] : ['--timestamp', `${options.startTimestampSec}`]),
    ...(blockTimeSec === 'auto' ? [] : ['--block-time', `${blockTimeSec}`]),
    ...['--prune-history', `${keptStates}`, '--cache-path', cache],
    ...['--gas-limit', '60000000', '--enable-tx-gas-limit', '--slots-in-an-epoch', '1'],
  ];
  try {
    const process = await startProcess({
      name: options.name ?? `anvil-${chainId}`,
      command,
      args,
      env: { TMPDIR: cache },
      reaper,
      readyTimeoutMs: 20_000,
      graceMs: 1_000,
      ready: ({ signal }) => answers(rpcUrl, chainId, signal),
      ...(options.onUnexpectedExit === undefined ? {} : { onUnexpectedExit: options.onUnexpectedExit }),
    });
    return {
      chainId,
      rpcUrl,
      wsUrl: `ws://127.0.0.1:${port}`,
      process,
      fund: (account) => callNode(rpcUrl, 'anvil_setBalance', [account, HUNDRED_THOUSAND_ETHER]),
      produceBlocks: async (everySec) => {
        await callNode(rpcUrl, 'anvil_setTime', [Math.floor(Date.now() / 1000)]);
        await callNode(rpcUrl, 'evm_setIntervalMining', [everySec]);
      },
      close: async () => {
        // It has no state to save: the quick end is as good as the polite one.
        await process.kill();
        await rm(cache, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(cache, { recursive: true, force: true });
    throw error;
  }
};

import { goProgram, prepareGeth } from '@interchain-attestation/go-tools';
import { DevnetError } from '../errors.ts';
import { type ManagedProcess, startProcess } from '../process/managed-process.ts';
import type { Reaper } from '../process/reaper.ts';
import { callNode, type EvmNode } from './evm-node.ts';

export interface GethNodeOptions {
  readonly name: string;
  readonly reaper: Reaper;
  readonly onUnexpectedExit?: (process: ManagedProcess, how: string) => void;
}

/** Chain id of geth's development mode, which cannot be chosen. */
export const GETH_CHAIN_ID = 1337;

const TEN_THOUSAND_ETHER = '0x21e19e0c9bab2400000';
const POLL_MS = 10;

/**
 * Starts geth in development mode: it refuses what a public node refuses, and makes a block for each transaction and none
 * without.
 * @throws DevnetError `devnet/binary-missing` without Go, `devnet/not-ready`
 */
export const startGethNode = async (options: GethNodeOptions): Promise<EvmNode> => {
  const program = await goProgram('geth');
  if ('missing' in program) throw new DevnetError('devnet/binary-missing', program.missing);
  const { name, reaper, onUnexpectedExit } = options;
  const prepared = prepareGeth({ program: program.path, gasLimit: 60_000_000, accountSlots: 1_000 });
  reaper.removeLater(prepared.home);
  let port = 0;
  try {
    const process = await startProcess({
      name,
      command: prepared.command,
      args: prepared.args,
      cwd: prepared.home,
      reaper,
      readyTimeoutMs: 60_000,
      ready: ({ onLine }) =>
        new Promise((resolve) => {
          onLine((line) => {
            const listens = prepared.portIn(line);
            if (listens === undefined) return;
            port = listens;
            resolve();
          });
        }),
      ...(onUnexpectedExit === undefined ? {} : { onUnexpectedExit }),
    });
    const rpcUrl = `http://127.0.0.1:${port}`;
    const [from] = await callNode<string[]>(rpcUrl, 'eth_accounts');
    return {
      chainId: GETH_CHAIN_ID,
      rpcUrl,
      wsUrl: `ws://127.0.0.1:${port}`,
      process,
      async fund(account) {
        const transaction = { from, to: account, value: TEN_THOUSAND_ETHER };
        const hash = await callNode<string>(rpcUrl, 'eth_sendTransaction', [transaction]);
        // Right after its start geth says that it indexes, in place of an answer.
        const receipt = (): Promise<unknown> =>
          callNode(rpcUrl, 'eth_getTransactionReceipt', [hash]).catch((error: Error) => {
            if (/indexing is in progress/.test(error.message)) return null;
            throw error;
          });
        while ((await receipt()) === null) {
          if (process.state === 'ended') throw new DevnetError('devnet/not-ready', `${name} ended`);
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
      },
      produceBlocks: async () => {},
      async close() {
        await process.kill();
        prepared.remove();
      },
    };
  } catch (error) {
    prepared.remove();
    throw error;
  }
};

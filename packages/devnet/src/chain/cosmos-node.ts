import { goProgram, prepareIbcGoChain } from '@interchain-attestation/go-tools';
import { DevnetError } from '../errors.ts';
import { type ManagedProcess, startProcess } from '../process/managed-process.ts';
import type { Reaper } from '../process/reaper.ts';

export interface CosmosNodeOptions {
  readonly name: string;
  readonly chainId: string;
  /** Bech32 addresses, and the coins that each holds from the first block on. */
  readonly accounts: readonly { readonly address: string; readonly coins: string }[];
  /** Pause between blocks, milliseconds. Default 300: a block takes about twice that. */
  readonly timeoutCommitMs?: number;
  readonly reaper: Reaper;
  readonly onUnexpectedExit?: (process: ManagedProcess, how: string) => void;
}

/** An ibc-go chain of one validator. It keeps its state on disk: restarted, it goes on. */
export interface CosmosNode {
  readonly rpcUrl: string;
  readonly process: ManagedProcess;
  close(): Promise<void>;
}

const POLL_MS = 50;

/** @throws DevnetError `devnet/binary-missing` without Go, `devnet/not-ready` */
export const startCosmosNode = async (options: CosmosNodeOptions): Promise<CosmosNode> => {
  const program = await goProgram('ibc-go-chain');
  if ('missing' in program) throw new DevnetError('devnet/binary-missing', program.missing);
  const { name, chainId, accounts, timeoutCommitMs = 300, reaper, onUnexpectedExit } = options;
  const prepared = await prepareIbcGoChain({ program: program.path, chainId, accounts, timeoutCommitMs });
  reaper.removeLater(prepared.home);
  try {
    const process = await startProcess({
      name,
      command: prepared.command,
      args: prepared.args,
      cwd: prepared.home,
      reaper,
      readyTimeoutMs: 60_000,
      ready: async ({ signal }) => {
        while (!(await prepared.hasBlock())) {
          signal.throwIfAborted();
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
      },
      ...(onUnexpectedExit === undefined ? {} : { onUnexpectedExit }),
    });
    return {
      rpcUrl: prepared.rpcUrl,
      process,
      async close() {
        // Its state goes with it: nothing is worth an orderly end.
        await process.kill();
        prepared.remove();
      },
    };
  } catch (error) {
    prepared.remove();
    throw error;
  }
};

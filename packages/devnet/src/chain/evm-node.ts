import type { Address } from '@interchain-attestation/core';
import type { ManagedProcess } from '../process/managed-process.ts';

/** An EVM node that runs. Its state is lost when it ends. */
export interface EvmNode {
  readonly chainId: number;
  readonly rpcUrl: string;
  readonly wsUrl: string;
  readonly process: ManagedProcess;
  /** Gives the account ether out of nothing. */
  fund(account: Address): Promise<void>;
  /** From here on a block comes every so many seconds, at the time that the clock shows, where the node can be told to. */
  produceBlocks(everySec: number): Promise<void>;
  close(): Promise<void>;
}

/** @throws Error with the node's words when it refuses */
export const callNode = async <T>(rpcUrl: string, method: string, params: readonly unknown[] = []): Promise<T> => {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(20_000),
  });
  const { result, error } = (await response.json()) as { result: T; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
};

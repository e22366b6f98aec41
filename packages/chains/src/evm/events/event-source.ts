import type { Address, Hex } from '@interchain-attestation/core';
import { abortable } from '../../abortable.ts';
import { ChainError } from '../../errors.ts';
import type { CallOptions, EventSource, PacketEvent } from '../../ports.ts';
import { toChainError } from '../../rpc/response-error.ts';
import type { HeadWatcher } from '../heads/head-watcher.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';
import { createLogRangeReader } from './log-range.ts';
import { assertTxId, readReceipt } from './receipt.ts';

export const createEvmEventSource = (
  rpc: RpcClient,
  heads: HeadWatcher,
  options: { readonly router: Address; readonly maxLogBlocks: number },
): EventSource => {
  const { router } = options;

  const transactionEvents = async (txId: string): Promise<readonly PacketEvent[]> => {
    const hash: Hex = assertTxId(txId);
    const receipt = await readReceipt(rpc.transactions, hash, router).catch((error: unknown) => {
      throw toChainError(error, rpc.origin);
    });
    if (receipt === undefined) {
      throw new ChainError('chain/tx-not-found', `no receipt of transaction ${hash}`, {
        meta: { txId: hash },
        retryable: true,
      });
    }
    if (!receipt.success) {
      throw new ChainError('chain/tx-failed', `transaction ${hash} failed in block ${receipt.height}`, {
        meta: { txId: hash, height: receipt.height },
      });
    }
    return receipt.events;
  };

  const readRange = createLogRangeReader(rpc, options);

  return {
    transactionEvents: (txId, call?: CallOptions) => abortable(transactionEvents(txId), call?.signal),
    events: (from, to, call) => readRange(from, to, call?.signal),
    watchHeads: (handlers) => heads.watch(handlers),
  };
};

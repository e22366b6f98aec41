import { RpcResponseError } from '../../rpc/response-error.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { nodeText } from '../rpc/node-error.ts';
import { isAlreadyInMempool, type Refusal, toRefusal } from './check-tx.ts';

/** Undefined when the node took the transaction, or had it already. */
export type BroadcastRefusal = Refusal | undefined;

/**
 * Puts a signed transaction into the node's mempool and returns what CheckTx says.
 * @throws ChainError `chain/unavailable`: whether the node took it is unknown then
 */
export const broadcastTransaction = async (rpc: CometRpc, bytes: Uint8Array): Promise<BroadcastRefusal> => {
  const send = async (): Promise<BroadcastRefusal> => {
    try {
      const { code, codespace, log } = await rpc.transactions.comet.broadcastTxSync({ tx: bytes });
      if (code === 0) return undefined;
      const refusal = toRefusal(code, codespace, log);
      return isAlreadyInMempool(refusal) ? undefined : refusal;
    } catch (error) {
      if (!(error instanceof RpcResponseError)) throw error;
      const text = nodeText(error);
      if (/tx already exists in cache/i.test(text)) return undefined;
      if (/mempool is full/i.test(text)) return toRefusal(20, 'sdk', text);
      if (/tx too large/i.test(text)) return toRefusal(21, 'sdk', text);
      throw error;
    }
  };
  return rpc.outage(send());
};

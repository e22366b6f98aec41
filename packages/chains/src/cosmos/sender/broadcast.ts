import { RpcResponseError } from '../../rpc/response-error.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { malformed, nodeText } from '../rpc/node-error.ts';
import { isAlreadyInMempool, type Refusal, toRefusal } from './check-tx.ts';

/** Undefined when the node took the transaction, had it already, or may have taken it. */
export type BroadcastRefusal = Refusal | undefined;

/**
 * Puts a signed transaction into the node's mempool and returns what CheckTx says.
 * @throws ChainError `chain/unavailable`: whether the node took it is unknown then
 */
export const broadcastTransaction = async (rpc: CometRpc, bytes: Uint8Array): Promise<BroadcastRefusal> => {
  const params = JSON.stringify({ tx: Buffer.from(bytes).toString('base64') });
  let repeated = false;
  const onRepeat = (): void => {
    repeated = true;
  };
  const send = async (): Promise<BroadcastRefusal> => {
    try {
      const answer = await rpc.transactions.calls.call('broadcast_tx_sync', params, onRepeat);
      const { code, codespace, log } = answer as { readonly [field in 'code' | 'codespace' | 'log']?: unknown };
      if (code === 0) return undefined;
      if (typeof code !== 'number') throw malformed(rpc.origin, 'a broadcast answered without a code');
      const refusal = toRefusal(code, typeof codespace === 'string' ? codespace : undefined, log);
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
  const refusal = await rpc.outage(send());
  // What the second post is refused for (its sequence is used) may be the first one, which was taken.
  return repeated ? undefined : refusal;
};

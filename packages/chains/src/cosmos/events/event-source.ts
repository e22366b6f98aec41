import { abortable } from '../../abortable.ts';
import { ChainError } from '../../errors.ts';
import type { EventSource, PacketEvent } from '../../ports.ts';
import type { CosmosHeaderReader } from '../headers.ts';
import type { CosmosHeadWatcher } from '../heads/head-watcher.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { malformed } from '../rpc/node-error.ts';
import { packetEvents } from './decode-event.ts';
import { createRangeReader } from './search-range.ts';
import { assertTxId, readTransaction } from './transaction.ts';

export const createCosmosEventSource = (
  rpc: CometRpc,
  headers: CosmosHeaderReader,
  heads: CosmosHeadWatcher,
): EventSource => {
  const transactionEvents = async (id: string): Promise<readonly PacketEvent[]> => {
    const txId = assertTxId(id);
    const found = await rpc.outage(readTransaction(rpc.searches, txId));
    if (found === undefined) {
      throw new ChainError('chain/tx-not-found', `transaction ${txId} is not known`, {
        meta: { txId },
        retryable: true,
      });
    }
    const height = BigInt(found.height);
    if (found.result.code !== 0) {
      throw new ChainError('chain/tx-failed', `transaction ${txId} failed in block ${height}`, {
        meta: { txId, height, abciCode: found.result.code },
      });
    }
    const block = await headers.at(height);
    if (block === undefined)
      throw malformed(rpc.origin, `transaction ${txId} stands in block ${height}, which is not there`);
    const decode = async (): Promise<readonly PacketEvent[]> =>
      packetEvents(found.result.events, {
        height,
        blockHash: block.header.hash,
        txId,
        txIndex: found.index,
        tx: found.tx,
      });
    return rpc.outage(decode());
  };

  return {
    transactionEvents: (txId, options) => abortable(transactionEvents(txId), options?.signal),
    events: createRangeReader(rpc, headers),
    watchHeads: (handlers) => heads.watch(handlers),
  };
};

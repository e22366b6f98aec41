import type { Hex } from '@interchain-attestation/core';
import { abortable } from '../../abortable.ts';
import { ChainError } from '../../errors.ts';
import type { EventSource, PacketEvent } from '../../ports.ts';
import type { CosmosHeaderReader } from '../headers.ts';
import type { CosmosHeadWatcher } from '../heads/head-watcher.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { malformed } from '../rpc/node-error.ts';
import { createBlockEventReader } from './block-events.ts';
import { packetEvents } from './decode-event.ts';
import { createRangeReader } from './range-reader.ts';
import { assertTxId, type CosmosTransaction, heightOfBlock, readTransaction } from './transaction.ts';

export const createCosmosEventSource = (
  rpc: CometRpc,
  headers: CosmosHeaderReader,
  heads: CosmosHeadWatcher,
): EventSource => {
  const readBlock = createBlockEventReader(rpc);

  const ofTransaction = async (found: CosmosTransaction, txId: Hex): Promise<readonly PacketEvent[]> => {
    const height = BigInt(found.height);
    if (found.result.code !== 0) {
      throw new ChainError('chain/tx-failed', `transaction ${txId} failed in block ${height}`, {
        meta: { txId, height, abciCode: found.result.code },
      });
    }
    const block = await headers.at(height);
    if (block === undefined)
      throw malformed(rpc.origin, `transaction ${txId} stands in block ${height}, which is not there`);
    const { hash: blockHash } = block.header;
    const decode = async (): Promise<readonly PacketEvent[]> =>
      packetEvents(found.result.events, { height, blockHash, txId, txIndex: found.index, tx: found.tx });
    return rpc.outage(decode());
  };

  const ofBlock = async (hash: Hex): Promise<readonly PacketEvent[] | undefined> => {
    const height = await rpc.outage(heightOfBlock(rpc.history, hash));
    if (height === undefined) return undefined;
    const block = await headers.at(height);
    if (block?.header.hash === hash) return readBlock(block);
    throw malformed(rpc.origin, `says that block ${hash} stands at ${height}, where it is not`);
  };

  const transactionEvents = async (id: string): Promise<readonly PacketEvent[]> => {
    const txId = assertTxId(id);
    const found = await rpc.outage(readTransaction(rpc.history, txId));
    const events = found === undefined ? await ofBlock(txId) : await ofTransaction(found, txId);
    if (events !== undefined) return events;
    throw new ChainError('chain/tx-not-found', `transaction ${txId} is not known`, {
      meta: { txId },
      retryable: true,
    });
  };

  return {
    transactionEvents: (txId, options) => abortable(transactionEvents(txId), options?.signal),
    events: createRangeReader(headers, readBlock),
    watchHeads: (handlers) => heads.watch(handlers),
  };
};

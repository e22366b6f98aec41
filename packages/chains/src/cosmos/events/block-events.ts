import { bytesToHex, sha256 } from '@interchain-attestation/core';
import type { PacketEvent } from '../../ports.ts';
import type { CosmosBlock } from '../headers.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { malformed } from '../rpc/node-error.ts';
import { readBlockResults } from './block-results.ts';
import { isPacketEvent, packetEvents } from './decode-event.ts';

/** Reads all packet events of a block, in order. */
export type BlockEventReader = (block: CosmosBlock) => Promise<readonly PacketEvent[]>;

/**
 * Reads the results of a block, and the block itself only where one of its transactions has something to do with packets.
 * What a block did by itself (a governance proposal carried out, a contract called by a schedule) has no transaction: it
 * goes by the hash of the block.
 */
export const createBlockEventReader = (rpc: CometRpc): BlockEventReader => {
  const transactionsOf = async ({ header }: CosmosBlock): Promise<readonly Uint8Array[]> => {
    const { blockId, block } = await rpc.outage(rpc.history.comet.block(Number(header.height)));
    if (bytesToHex(blockId.hash) === header.hash) return block.txs;
    throw malformed(rpc.origin, `asked for block ${header.hash} at ${header.height}, got ${bytesToHex(blockId.hash)}`);
  };

  return async (block) => {
    const results = await readBlockResults(rpc, block);
    const { height, hash: blockHash } = block.header;
    // What a failed transaction did was undone.
    const kept = results.transactions.map(({ code, events }) => (code === 0 ? events : []));
    const txs = kept.some((events) => events.some(isPacketEvent)) ? await transactionsOf(block) : [];
    const decode = async (): Promise<readonly PacketEvent[]> => {
      const ofTransactions = kept.flatMap((events, txIndex) => {
        const tx = txs[txIndex];
        if (tx === undefined) {
          if (events.some(isPacketEvent)) throw new Error(`block ${height} has no transaction ${txIndex}`);
          return [];
        }
        return packetEvents(events, { height, blockHash, txId: bytesToHex(sha256(tx)), txIndex, tx });
      });
      const ofBlock = packetEvents(results.events, { height, blockHash, txId: blockHash, txIndex: txs.length });
      return [...ofTransactions, ...ofBlock];
    };
    return rpc.outage(decode());
  };
};

import { abortable } from '../../abortable.ts';
import { ChainError } from '../../errors.ts';
import type { EventSource, PacketEvent } from '../../ports.ts';
import { type CosmosBlock, type CosmosHeaderReader, MAX_BLOCKS } from '../headers.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { packetEvents } from './decode-event.ts';
import { assertHash, type CosmosTransaction } from './transaction.ts';

/** The most that CometBFT puts on one page. */
const PER_PAGE = 100;

/**
 * Reads a range block by block: the headers say how many transactions each block holds, and only blocks that hold some
 * are searched. The index is asked by exact height, which costs by what a block holds and not by the chain's history;
 * and since the number is known, an index that lags behind its chain is not mistaken for an empty block.
 */
export const createRangeReader = (rpc: CometRpc, headers: CosmosHeaderReader): EventSource['events'] => {
  const { comet } = rpc.searches;

  const transactionsAt = async ({ header, txCount }: CosmosBlock): Promise<readonly CosmosTransaction[]> => {
    const found: CosmosTransaction[] = [];
    for (let page = 1; found.length < txCount; page++) {
      const query = `tx.height=${header.height}`;
      const { txs } = await rpc.outage(
        comet.txSearch({ query, page, per_page: PER_PAGE, order_by: 'asc', prove: false }),
      );
      found.push(...txs);
      if (txs.length < PER_PAGE) break;
    }
    const complete =
      found.length === txCount &&
      found.every(({ height }) => BigInt(height) === header.height) &&
      new Set(found.map(({ index }) => index)).size === txCount;
    if (complete) return found.sort((a, b) => a.index - b.index);
    throw new ChainError(
      'chain/unavailable',
      `RPC at ${rpc.origin} finds ${found.length} of ${txCount} transactions of block ${header.height}: its index lags or is off`,
      {
        meta: { origin: rpc.origin, kind: 'index-lag', height: header.height, got: found.length, expected: txCount },
        retryable: true,
      },
    );
  };

  const eventsAt = async (block: CosmosBlock): Promise<readonly PacketEvent[]> => {
    if (block.txCount === 0) return [];
    const transactions = await transactionsAt(block);
    const { height, hash: blockHash } = block.header;
    const decode = async (): Promise<readonly PacketEvent[]> =>
      transactions.flatMap((tx) => {
        const txId = assertHash(tx);
        // What a failed transaction did was undone.
        return tx.result.code === 0
          ? packetEvents(tx.result.events, { height, blockHash, txId, txIndex: tx.index, tx: tx.tx })
          : [];
      });
    return rpc.outage(decode());
  };

  return async function* readRange(from, to, options) {
    if (from < 0n || to >= 2n ** 63n) {
      throw new ChainError('chain/invalid-input', `not a range of blocks: ${from}..${to}`, { meta: { from, to } });
    }
    const signal = options?.signal;
    // There is no block 0: a caller that begins there means the beginning.
    for (let at = from === 0n ? 1n : from; at <= to; ) {
      signal?.throwIfAborted();
      const end = at + MAX_BLOCKS - 1n;
      const through = end < to ? end : to;
      const blocks = await abortable(headers.range(at, through), signal);
      const events = await abortable(Promise.all(blocks.map(eventsAt)), signal);
      yield { through, events: events.flat() };
      at = through + 1n;
    }
  };
};

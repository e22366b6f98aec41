import type { Address } from '@interchain-attestation/core';
import { abortable } from '../../abortable.ts';
import { ChainError } from '../../errors.ts';
import type { PacketEvent } from '../../ports.ts';
import { RpcResponseError, toChainError } from '../../rpc/response-error.ts';
import { parseBlockHeader } from '../block-header.ts';
import { MAX_HEIGHT, toQuantity } from '../rpc/quantity.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';
import { PACKET_TOPICS } from './decode-log.ts';
import { packetEvents } from './receipt.ts';

export type LogPiece = { readonly through: bigint; readonly events: readonly PacketEvent[] };

/** True when a shorter range may succeed: too many results, range too long, answer too slow or too large. */
const mayBeTooMuch = (error: unknown): boolean => {
  if (error instanceof RpcResponseError) return error.rpcCode !== -32601;
  return error instanceof ChainError && (isTimeout(error) || error.meta.kind === 'too-large');
};

const isTimeout = (error: unknown): boolean => error instanceof ChainError && error.meta.kind === 'timeout';

const MAX_TIMEOUTS = 2;

/**
 * Reads the router's logs of a range in pieces: halves a piece that the node refuses or chews on too long, and doubles
 * again after success. The size that worked is remembered between ranges.
 */
export const createLogRangeReader = (
  rpc: RpcClient,
  options: { readonly router: Address; readonly maxLogBlocks: number },
): ((from: bigint, to: bigint, signal?: AbortSignal) => AsyncIterable<LogPiece>) => {
  let size = options.maxLogBlocks;

  const readPiece = async (from: bigint, to: bigint): Promise<readonly PacketEvent[]> => {
    const filter = JSON.stringify({
      address: options.router,
      topics: [PACKET_TOPICS],
      fromBlock: toQuantity(from),
      toBlock: toQuantity(to),
    });
    // Some nodes answer a range beyond their head with "no logs", others with an error that looks like any other: the
    // last block must be there, seen in the same batch.
    const last = rpc.logs.call('eth_getBlockByNumber', `["${toQuantity(to)}",false]`);
    const logs = rpc.logs.call('eth_getLogs', `[${filter}]`);
    const [block, found] = await Promise.allSettled([last, logs]);
    if (block.status === 'rejected') throw block.reason;
    if (parseBlockHeader(block.value) === undefined) {
      throw new ChainError('chain/height-not-found', `RPC at ${rpc.origin} has no block ${to} yet`, {
        meta: { origin: rpc.origin, height: to },
        retryable: true,
      });
    }
    if (found.status === 'rejected') throw found.reason;
    return packetEvents(found.value, options.router);
  };

  return async function* readRange(from, to, signal) {
    if (from < 0n || to > MAX_HEIGHT) {
      throw new ChainError('chain/invalid-input', `not a range of blocks: ${from}..${to}`, { meta: { from, to } });
    }
    let timeouts = 0;
    for (let at = from; at <= to; ) {
      signal?.throwIfAborted();
      const end = at + BigInt(size) - 1n;
      const through = end < to ? end : to;
      let events: readonly PacketEvent[];
      try {
        events = await abortable(readPiece(at, through), signal);
      } catch (error) {
        const blocks = Number(through - at) + 1;
        if (isTimeout(error)) timeouts++;
        // A node that hangs must not cost a time-out for every halving.
        if (!mayBeTooMuch(error) || blocks === 1 || timeouts > MAX_TIMEOUTS) throw toChainError(error, rpc.origin);
        size = Math.max(1, Math.floor(blocks / 2));
        continue;
      }
      timeouts = 0;
      size = Math.min(options.maxLogBlocks, size * 2);
      yield { through, events };
      at = through + 1n;
    }
  };
};

import { abortable } from '../../abortable.ts';
import { ChainError } from '../../errors.ts';
import type { EventSource } from '../../ports.ts';
import { type CosmosHeaderReader, MAX_BLOCKS } from '../headers.ts';
import type { BlockEventReader } from './block-events.ts';

/** Reads a range block by block. */
export const createRangeReader = (headers: CosmosHeaderReader, readBlock: BlockEventReader): EventSource['events'] =>
  async function* readRange(from, to, options) {
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
      const events = await abortable(Promise.all(blocks.map(readBlock)), signal);
      yield { through, events: events.flat() };
      at = through + 1n;
    }
  };

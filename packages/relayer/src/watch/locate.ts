import type { PacketEvent } from '@interchain-attestation/chains';
import type { PacketKey } from '../domain/packet-record.ts';
import type { Emit } from '../events.ts';
import type { ChainHandle } from './chain-handle.ts';

/** Which events of a chain are looked for in blocks before our records of it begin. */
export interface LocateRequest {
  readonly chain: ChainHandle;
  /** Search ends at this block, included: where the records begin. */
  readonly before: bigint;
  /** And goes back to the first block at or after this time, Unix seconds. */
  readonly notBeforeSec: bigint;
  readonly wanted: (event: PacketEvent) => PacketKey | undefined;
  /** How many different packets are wanted: found all, the search is over. */
  readonly count: number;
  readonly signal: AbortSignal;
}

const STEP = 2_000n;

/**
 * Searches backwards, since what is missing mostly lies just before the records begin.
 * @throws ChainError
 */
export const locateEvents = async (request: LocateRequest, emit: Emit): Promise<PacketEvent[]> => {
  const { chain, before, notBeforeSec, wanted, count, signal } = request;
  const found: PacketEvent[] = [];
  for (let to = before; to >= 0n && found.length < count; to -= STEP) {
    const from = to >= STEP ? to - STEP + 1n : 0n;
    for await (const { events } of chain.events.events(from, to, { signal })) {
      found.push(...events.filter((event) => wanted(event) !== undefined));
    }
    emit({ type: 'backfill', chainId: chain.chainId, from, to: before, through: to });
    const [header] = await chain.reader.headers([from], { signal });
    if (header === undefined || header.timestampSec < notBeforeSec || from === 0n) break;
  }
  return found;
};

import type { PacketEvent } from '@interchain-attestation/chains';
import { isAttestationError } from '@interchain-attestation/core';
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
/** Routers of both kinds take no timeout further away than a day: the send is at most that much older than it. */
const SEARCH_BACK_SEC = 2n * 86_400n;

/** Before which no packet with any of these timeouts (one at least) was sent, Unix seconds. */
export const earliestSendSec = (timesSec: readonly bigint[]): bigint => {
  const [oldest = 0n] = [...timesSec].sort((a, b) => (a < b ? -1 : 1));
  return oldest > SEARCH_BACK_SEC ? oldest - SEARCH_BACK_SEC : 0n;
};

export const isPruned = (error: unknown): boolean => isAttestationError(error, 'chain/state-pruned');

/** The lowest block that the node keeps in `from..to`; undefined when it keeps none of them. */
const lowestKept = async ({ chain, signal }: LocateRequest, from: bigint, to: bigint): Promise<bigint | undefined> => {
  const isKept = async (height: bigint): Promise<boolean> => {
    try {
      const [header] = await chain.reader.headers([height], { signal });
      return header !== undefined;
    } catch (error) {
      if (isPruned(error)) return false;
      throw error;
    }
  };
  if (!(await isKept(to))) return undefined;
  let gone = from - 1n;
  let kept = to;
  while (kept - gone > 1n) {
    const middle = (gone + kept) / 2n;
    if (await isKept(middle)) kept = middle;
    else gone = middle;
  }
  return kept;
};

/**
 * Searches backwards, since what is missing mostly lies just before the records begin. Ends where the node's blocks end.
 * @throws ChainError
 */
export const locateEvents = async (request: LocateRequest, emit: Emit): Promise<PacketEvent[]> => {
  const { chain, before, notBeforeSec, wanted, count, signal } = request;
  const found: PacketEvent[] = [];
  const search = async (from: bigint, to: bigint): Promise<void> => {
    for await (const { events } of chain.events.events(from, to, { signal })) {
      found.push(...events.filter((event) => wanted(event) !== undefined));
    }
  };
  for (let to = before; to >= 0n && found.length < count; to -= STEP) {
    const from = to >= STEP ? to - STEP + 1n : 0n;
    try {
      await search(from, to);
    } catch (error) {
      if (!isPruned(error)) throw error;
      const lowest = await lowestKept(request, from, to);
      if (lowest !== undefined) await search(lowest, to);
      break;
    }
    emit({ type: 'backfill', chainId: chain.chainId, from, to: before, through: to });
    const [header] = await chain.reader.headers([from], { signal });
    if (header === undefined || header.timestampSec < notBeforeSec || from === 0n) break;
  }
  return found;
};

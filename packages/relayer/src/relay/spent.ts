import type { PacketRecord } from '../domain/packet-record.ts';
import type { ChainWatcher } from '../watch/chain-watcher.ts';

/** Packets that their source is through with, as of its final block at this height. */
export interface Spent {
  readonly records: readonly PacketRecord[];
  readonly height: bigint;
}

/**
 * Of packets that were not received as far as is known: those whose commitment is gone from a final block of their
 * source. An honest source removes it for an acknowledgement or a timeout only, so one of the two happened.
 * @throws ChainError as the chain's reader
 */
export const findSpent = async (
  source: ChainWatcher,
  records: readonly PacketRecord[],
  signal: AbortSignal,
): Promise<Spent> => {
  const finalized = source.view()?.finalized;
  if (finalized === undefined) return { records: [], height: 0n };
  const { height } = finalized;
  // A block that is older than the send says nothing about it.
  const sent = records.filter(({ send }) => send !== undefined && send.height <= height);
  const paths = sent.map(({ packet, sequence }) => ({
    kind: 'packet' as const,
    clientId: packet.sourceClient,
    sequence,
  }));
  const held = await source.chain.reader.commitments(finalized, paths, { signal });
  return { records: sent.filter((_, i) => held[i] === undefined), height };
};

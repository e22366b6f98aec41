import type { BlockHeader } from '@interchain-attestation/chains';
import type { CommitmentPath } from '@interchain-attestation/core';
import type { PacketRecord } from '../domain/packet-record.ts';
import type { Leg } from '../domain/packet-state.ts';
import type { ChainHandle } from '../watch/chain-handle.ts';

const pathOf = (leg: Leg, { packet, sequence }: PacketRecord): CommitmentPath =>
  leg === 'receive'
    ? { kind: 'receipt', clientId: packet.destClient, sequence }
    : { kind: 'packet', clientId: packet.sourceClient, sequence };

/**
 * Which packets the target chain is already through with on this leg: it holds the receipt, or no longer holds the
 * commitment. Somebody else brought them; the chain's own event will say so.
 * @throws ChainError as {@link ChainHandle.reader}
 */
export const findHandled = async (
  leg: Leg,
  target: ChainHandle,
  head: BlockHeader,
  records: readonly PacketRecord[],
  signal: AbortSignal,
): Promise<ReadonlySet<PacketRecord>> => {
  const paths = records.map((record) => pathOf(leg, record));
  const values = await target.reader.commitments(head, paths, { signal });
  return new Set(records.filter((_, i) => (leg === 'receive') === (values[i] !== undefined)));
};

import type { BlockHeader, PacketEvent } from '@interchain-attestation/chains';
import type { Packet } from '@interchain-attestation/core';
import type { ChainFact, PacketRecord } from '../domain/packet-record.ts';
import type { FactKind } from '../domain/transition.ts';
import { RelayerError } from '../errors.ts';
import type { PacketStore } from '../store/packet-store.ts';
import type { ChainHandle } from './chain-handle.ts';

const KIND: Readonly<Record<PacketEvent['type'], FactKind>> = {
  send: 'send',
  'write-acknowledgement': 'receive',
  acknowledge: 'acknowledge',
  timeout: 'timeout',
};

/** Sequences count per client: one transaction may send the same one over several clients. */
const nameOf = (kind: FactKind, txId: string, { sourceClient, destClient, sequence }: Packet): string =>
  [kind, txId, sourceClient, destClient, sequence].join(' ');

const factsOn = (record: PacketRecord, chainId: string): readonly (readonly [FactKind, ChainFact | undefined])[] => [
  ...(record.sourceChainId === chainId
    ? ([
        ['send', record.send],
        ['acknowledge', record.acknowledge],
        ['timeout', record.timeout],
      ] as const)
    : []),
  ...(record.destChainId === chainId ? ([['receive', record.receive]] as const) : []),
];

/**
 * Refuses an answer that lacks events which the very same blocks held before: behind a load balancer, a node that is
 * behind answers with an empty list, and believing it would lose packets.
 * @throws RelayerError `relayer/incomplete-events`
 */
export const assertComplete = async (
  chain: ChainHandle,
  store: PacketStore,
  range: { readonly from: bigint; readonly to: bigint },
  events: readonly PacketEvent[],
  signal: AbortSignal,
): Promise<void> => {
  const seen = new Set(events.map(({ type, txId, packet }) => nameOf(KIND[type], txId, packet)));
  const missing = (await store.factsIn(chain.chainId, range.from, range.to)).flatMap((record) =>
    factsOn(record, chain.chainId).flatMap(([kind, fact]) =>
      fact !== undefined &&
      fact.height >= range.from &&
      fact.height <= range.to &&
      !seen.has(nameOf(kind, fact.txId, record.packet))
        ? [fact]
        : [],
    ),
  );
  if (missing.length === 0) return;
  const heights = [...new Set(missing.map(({ height }) => height))];
  const headers = await chain.reader.headers(heights, { signal });
  const hashes = new Map<bigint, BlockHeader['hash'] | undefined>(
    heights.map((height, i) => [height, headers[i]?.hash]),
  );
  const lost = missing.find(({ height, blockHash }) => hashes.get(height) === blockHash);
  if (lost !== undefined) {
    throw new RelayerError(
      'relayer/incomplete-events',
      `the node left out an event that block ${lost.height} held before`,
      { retryable: true, meta: { chainId: chain.chainId, height: lost.height, txId: lost.txId } },
    );
  }
};

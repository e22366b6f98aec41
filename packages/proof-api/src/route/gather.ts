import type { EventSource, PacketEvent } from '@interchain-attestation/chains';
import type { Hex } from '@interchain-attestation/core';
import { clientsOf, createItem, type Item } from '../domain/item.ts';

/** What to relay, after the request was checked. */
export interface RelayQuery {
  /** Transactions on the source chain: sends become receives, acknowledgements written become acknowledgements. */
  readonly sourceTxIds: readonly Hex[];
  /** Transactions on the destination chain: sends become timeouts. */
  readonly timeoutTxIds: readonly Hex[];
  /** Only packets of this client; empty for any. */
  readonly sourceClientId: string;
  readonly destClientId: string;
  /** Only these sequences of packets sent on the source chain; empty for all. */
  readonly sourceSequences: readonly bigint[];
  /** Only these sequences of packets sent on the destination chain; empty for all. */
  readonly destSequences: readonly bigint[];
}

/** Transactions read at a time. */
const CONCURRENCY = 32;

const mapConcurrently = async <T, R>(values: readonly T[], run: (value: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < values.length; index = next++) {
      results[index] = await run(values[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, values.length) }, worker));
  return results;
};

const readEvents = async (
  events: EventSource,
  txIds: readonly Hex[],
  signal: AbortSignal,
): Promise<readonly PacketEvent[]> =>
  (await mapConcurrently([...new Set(txIds)], (txId) => events.transactionEvents(txId, { signal }))).flat();

const toSourceItem = (event: PacketEvent): Item[] => {
  const { height } = event;
  if (event.type === 'send') return [createItem('receive', event.packet, { height })];
  if (event.type !== 'write-acknowledgement') return [];
  return [createItem('acknowledge', event.packet, { height, acknowledgements: event.acknowledgements })];
};

const isWanted = (query: RelayQuery, item: Item): boolean => {
  const clients = clientsOf(item);
  const sequences = item.kind === 'receive' ? query.sourceSequences : query.destSequences;
  return (
    (query.sourceClientId === '' || clients.source === query.sourceClientId) &&
    (query.destClientId === '' || clients.dest === query.destClientId) &&
    (sequences.length === 0 || sequences.includes(item.packet.sequence))
  );
};

const keyOf = (item: Item): string =>
  JSON.stringify([item.kind, item.packet.sourceClient, item.packet.destClient, item.packet.sequence.toString()]);

/**
 * Packets that a request names, each once, receives first, in the order of their sequences.
 * @throws ChainError `chain/tx-not-found`, `chain/tx-failed`, `chain/unavailable`
 */
export const gather = async (
  query: RelayQuery,
  chains: { readonly source: EventSource; readonly dest: EventSource },
  signal: AbortSignal,
): Promise<readonly Item[]> => {
  const [onSource, onDest] = await Promise.all([
    readEvents(chains.source, query.sourceTxIds, signal),
    readEvents(chains.dest, query.timeoutTxIds, signal),
  ]);
  const timeouts = onDest.filter(({ type }) => type === 'send').map(({ packet }) => createItem('timeout', packet));
  const wanted = [...onSource.flatMap(toSourceItem), ...timeouts].filter((item) => isWanted(query, item));
  const order = { receive: 0, acknowledge: 1, timeout: 2 } as const;
  return [...new Map(wanted.map((item) => [keyOf(item), item])).values()].toSorted(
    (a, b) => order[a.kind] - order[b.kind] || (a.packet.sequence < b.packet.sequence ? -1 : 1),
  );
};

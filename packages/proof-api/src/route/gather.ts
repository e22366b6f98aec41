import type { EventSource, PacketEvent } from '@interchain-attestation/chains';
import type { Hex, Packet } from '@interchain-attestation/core';
import { clientsOf, createItem, type Item, type ItemKind } from '../domain/item.ts';
import { ProofApiError } from '../errors.ts';

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
/**
 * Packets looked at for one request. No transaction takes nearly as many; a request that names so many transactions
 * must say by their sequences which packets it means, before all of them are read at both ends.
 */
const MAX_ITEMS = 2_000;

/** Calls `run` for each value, some at a time; after a failure no further one. */
const forEachConcurrently = async <T>(values: readonly T[], run: (value: T) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < values.length) {
      const value = values[next++] as T;
      try {
        await run(value);
      } catch (error) {
        next = values.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, values.length) }, worker));
};

/** What an event asks to be done on the destination. */
const kindOf = (event: PacketEvent, side: 'source' | 'dest'): ItemKind | undefined => {
  if (side === 'dest') return event.type === 'send' ? 'timeout' : undefined;
  if (event.type === 'send') return 'receive';
  return event.type === 'write-acknowledgement' ? 'acknowledge' : undefined;
};

const toItem = (kind: ItemKind, event: PacketEvent): Item => {
  const { packet, height } = event;
  if (kind === 'timeout') return createItem(kind, packet);
  const acknowledgements = event.type === 'write-acknowledgement' ? event.acknowledgements : [];
  return createItem(kind, packet, { height, acknowledgements });
};

/** Tells which packets a query means; looks sequences up rather than through. */
const createFilter = (query: RelayQuery): ((kind: ItemKind, packet: Packet) => boolean) => {
  const ofSource = new Set(query.sourceSequences);
  const ofDest = new Set(query.destSequences);
  return (kind, packet) => {
    const clients = clientsOf({ kind, packet });
    const sequences = kind === 'receive' ? ofSource : ofDest;
    return (
      (query.sourceClientId === '' || clients.source === query.sourceClientId) &&
      (query.destClientId === '' || clients.dest === query.destClientId) &&
      (sequences.size === 0 || sequences.has(packet.sequence))
    );
  };
};

const keyOf = (kind: ItemKind, packet: Packet): string =>
  JSON.stringify([kind, packet.sourceClient, packet.destClient, packet.sequence.toString()]);

/**
 * Packets that a request names, each once, receives first, in the order of their sequences.
 * @throws ChainError `chain/tx-not-found`, `chain/tx-failed`, `chain/unavailable`; ProofApiError
 * `proof-api/too-many-packets`
 */
export const gather = async (
  query: RelayQuery,
  chains: { readonly source: EventSource; readonly dest: EventSource },
  signal: AbortSignal,
): Promise<readonly Item[]> => {
  const isWanted = createFilter(query);
  const items = new Map<string, Item>();
  const collect = async (side: 'source' | 'dest', txIds: readonly Hex[]): Promise<void> =>
    forEachConcurrently([...new Set(txIds)], async (txId) => {
      for (const event of await chains[side].transactionEvents(txId, { signal })) {
        const kind = kindOf(event, side);
        if (kind === undefined || !isWanted(kind, event.packet)) continue;
        items.set(keyOf(kind, event.packet), toItem(kind, event));
        if (items.size > MAX_ITEMS) throw tooMany();
      }
    });
  await Promise.all([collect('source', query.sourceTxIds), collect('dest', query.timeoutTxIds)]);
  const order = { receive: 0, acknowledge: 1, timeout: 2 } as const;
  return [...items.values()].toSorted(
    (a, b) => order[a.kind] - order[b.kind] || (a.packet.sequence < b.packet.sequence ? -1 : 1),
  );
};

const tooMany = (): ProofApiError =>
  new ProofApiError(
    'proof-api/too-many-packets',
    `these transactions hold more than ${MAX_ITEMS} packets that fit the request: name sequences`,
    { meta: { limit: MAX_ITEMS } },
  );

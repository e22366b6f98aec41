import { ChainError } from '../../errors.ts';
import type { CosmosBlock } from '../headers.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { malformed } from '../rpc/node-error.ts';

/** An event as an application makes it. */
export interface AbciEvent {
  readonly type: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

/** What a block did. */
export interface BlockResults {
  /** Of its transactions, in order. */
  readonly transactions: readonly { readonly code: number; readonly events: readonly AbciEvent[] }[];
  /** Of the block itself, made at its beginning and at its end. */
  readonly events: readonly AbciEvent[];
}

/** Only what is read. CosmJS decodes all of it, and throws where a validator has a key of a type that it does not know. */
interface RawResults {
  readonly height?: unknown;
  readonly txs_results?: readonly { readonly code?: unknown; readonly events?: unknown }[] | null;
  readonly finalize_block_events?: unknown;
}

const isEvent = (event: unknown): event is AbciEvent => {
  const { type, attributes } = event as { type?: unknown; attributes?: unknown };
  return (
    typeof type === 'string' &&
    Array.isArray(attributes) &&
    attributes.every(({ key, value }) => typeof key === 'string' && typeof value === 'string')
  );
};

const parseEvents = (raw: unknown): readonly AbciEvent[] => {
  // Go writes an empty list as null.
  const events = ((raw ?? []) as { attributes?: unknown }[]).map((event) => ({
    ...event,
    attributes: event.attributes ?? [],
  }));
  if (!events.every(isEvent)) throw new Error('an event of another shape');
  return events;
};

/**
 * Results of a block as the node stored them when it executed it. Unlike its index, which knows a transaction by its hash
 * and forgets that the same bytes were in an earlier block, they are complete.
 * @throws ChainError `chain/unavailable`; `meta.kind` is `results-differ` where they are of another block
 */
export const readBlockResults = async (rpc: CometRpc, { header, txCount }: CosmosBlock): Promise<BlockResults> => {
  const { height } = header;
  const raw = (await rpc.outage(
    rpc.history.calls.call('block_results', JSON.stringify({ height: String(height) })),
  )) as RawResults;
  if (raw?.height !== String(height)) throw malformed(rpc.origin, `asked for results of block ${height}`);
  const parse = async (): Promise<BlockResults> => ({
    transactions: (raw.txs_results ?? []).map(({ code, events }) => ({
      code: typeof code === 'number' ? code : Number.NaN,
      events: parseEvents(events),
    })),
    events: parseEvents(raw.finalize_block_events),
  });
  const results = await rpc.outage(parse());
  if (results.transactions.length === txCount) return results;
  const got = results.transactions.length;
  throw new ChainError(
    'chain/unavailable',
    `RPC at ${rpc.origin} gives results of ${got} transactions of block ${height}, which holds ${txCount}`,
    { meta: { origin: rpc.origin, kind: 'results-differ', height, got, expected: txCount }, retryable: true },
  );
};

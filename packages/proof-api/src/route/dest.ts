import type {
  ChainIdentity,
  ChainReader,
  ClientReader,
  EventSource,
  TransactionLimits,
} from '@interchain-attestation/chains';
import type { DestKind } from '../domain/dest-kind.ts';
import { destPath, type Item, type LeftOut, type LeftOutReason } from '../domain/item.ts';
import { destReason, partition, sizeReason } from '../domain/provable.ts';
import { ProofApiError } from '../errors.ts';
import { ClientCache, type KnownClient } from './client-cache.ts';

/** What the destination says about a request, before the source is asked. */
export interface DestReading {
  readonly client: KnownClient;
  readonly identity: ChainIdentity;
  readonly limits: TransactionLimits;
  readonly kept: readonly Item[];
  readonly leftOut: readonly LeftOut[];
}

/** A chain that proofs are made for. All routes to it share one. */
export class Dest {
  readonly name: string;
  /** All that is peculiar to such chains. */
  readonly kind: DestKind;
  readonly reader: ChainReader;
  readonly clients: ClientReader;
  readonly events: EventSource;
  readonly cache: ClientCache;
  readonly #maxPacketBytes: number;

  constructor(
    chain: { readonly reader: ChainReader; readonly clients: ClientReader; readonly events: EventSource },
    kind: DestKind,
    options: { readonly clientCacheMs: number; readonly maxPacketBytes: number; readonly now: () => number },
  ) {
    this.kind = kind;
    this.name = chain.reader.name;
    this.reader = chain.reader;
    this.clients = chain.clients;
    this.events = chain.events;
    this.cache = new ClientCache(chain.clients, options.clientCacheMs, options.now);
    this.#maxPacketBytes = options.maxPacketBytes;
  }

  /** Why no proof of an item will be asked for, whatever the chains say. */
  unprovable(item: Item): LeftOutReason | undefined {
    return this.kind.undeliverable(item) ?? sizeReason(item, this.#maxPacketBytes);
  }

  /**
   * Reads the client and what is done already, all at the same time.
   * @throws ProofApiError `proof-api/client-frozen`, `proof-api/client-unsupported`
   */
  async read(
    clientId: string,
    sourceClientId: string,
    items: readonly Item[],
    signal: AbortSignal,
  ): Promise<DestReading> {
    const [client, identity, limits, { held, nowSec }] = await Promise.all([
      this.cache.get(clientId),
      this.reader.identity({ signal }),
      this.reader.limits({ signal }),
      this.#readHeld(items, signal),
    ]);
    if (client.state.isFrozen) throw this.#frozen(clientId);
    const { counterparty } = client;
    assertPlainPrefix(clientId, counterparty.merklePrefix);
    const related = counterparty.clientId === sourceClientId || sourceClientId === '';
    const { kept, leftOut } = partition(items, (item, i) => {
      if (!related) return 'wrong-counterparty';
      return this.unprovable(item) ?? destReason(item, held[i], nowSec);
    });
    return { client, identity, limits, kept, leftOut };
  }

  async #readHeld(
    items: readonly Item[],
    signal: AbortSignal,
  ): Promise<{ readonly held: readonly (Uint8Array | undefined)[]; readonly nowSec: bigint }> {
    if (items.length === 0) return { held: [], nowSec: 0n };
    const block = await this.reader.latestBlock({ signal });
    const held = await this.reader.commitments(block, items.map(destPath), { signal });
    return { held, nowSec: block.timestampSec };
  }

  #frozen(clientId: string): ProofApiError {
    return new ProofApiError('proof-api/client-frozen', `client ${clientId} on ${this.name} is frozen`, {
      meta: { dest: this.name, clientId },
    });
  }
}

/** Attestations name the plain path: a counterparty with any other prefix than one empty element cannot be proven. */
const assertPlainPrefix = (clientId: string, prefix: readonly Uint8Array[]): void => {
  if (prefix.length === 1 && prefix[0]?.length === 0) return;
  throw new ProofApiError(
    'proof-api/client-unsupported',
    `client ${clientId}: attested clients need a merkle prefix of one empty element, got ${prefix.length} elements`,
    { meta: { clientId } },
  );
};

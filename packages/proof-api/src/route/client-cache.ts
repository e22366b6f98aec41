import type { AttestationClientState, ClientReader, Counterparty } from '@interchain-attestation/chains';
import { type AttestorSet, createAttestorSet, isAttestationError } from '@interchain-attestation/core';
import { ProofApiError } from '../errors.ts';

/** A client on the destination, as it was read a moment ago. */
export interface KnownClient {
  readonly clientId: string;
  readonly state: AttestationClientState;
  /** Who may attest, and how many must agree: from the chain, never from a configuration (peers.md #13). */
  readonly set: AttestorSet;
  readonly counterparty: Counterparty;
  /** Unix milliseconds at which reading began. */
  readonly readAtMs: number;
}

/** Clients remembered. Anybody can make clients. */
const MAX_CLIENTS = 500;

/** Reads clients, once at a time each, and remembers them for a moment. */
export class ClientCache {
  readonly #reader: ClientReader;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  readonly #known = new Map<string, KnownClient>();
  readonly #reading = new Map<string, Promise<KnownClient>>();

  constructor(reader: ClientReader, maxAgeMs: number, now: () => number) {
    this.#reader = reader;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  /** What is remembered of a client and still counts as current. */
  remembered(clientId: string): KnownClient | undefined {
    const known = this.#known.get(clientId);
    return known !== undefined && this.#now() - known.readAtMs < this.#maxAgeMs ? known : undefined;
  }

  /** @throws ChainError as the reader; ProofApiError `proof-api/client-unsupported` */
  get(clientId: string): Promise<KnownClient> {
    const known = this.remembered(clientId);
    return known === undefined ? this.refresh(clientId) : Promise.resolve(known);
  }

  /** Reads the client anew, whatever is remembered. */
  refresh(clientId: string): Promise<KnownClient> {
    const reading = this.#reading.get(clientId);
    if (reading !== undefined) return reading;
    const fresh = this.#read(clientId).finally(() => this.#reading.delete(clientId));
    this.#reading.set(clientId, fresh);
    return fresh;
  }

  /**
   * The client as it is now: a memory older than `sinceMs` is read anew. A read that is under way is shared, so what
   * comes back may be older than that by one round trip to the node, as any answer of a node is.
   */
  since(known: KnownClient, sinceMs: number): Promise<KnownClient> {
    return known.readAtMs >= sinceMs ? Promise.resolve(known) : this.refresh(known.clientId);
  }

  async #read(clientId: string): Promise<KnownClient> {
    const readAtMs = this.#now();
    const [state, counterparty] = await Promise.all([
      this.#reader.clientState(clientId),
      this.#reader.counterparty(clientId),
    ]);
    const known = { clientId, state, set: toSet(clientId, state), counterparty, readAtMs };
    this.#known.delete(clientId);
    this.#known.set(clientId, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_CLIENTS && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }
}

/**
 * Whether two readings of a client agree in its set, quorum, contract and counterparty: if not, what was found out for
 * one does not hold for the other.
 */
export const isSameClient = (a: KnownClient, b: KnownClient): boolean =>
  JSON.stringify(identityOf(a)) === JSON.stringify(identityOf(b));

const identityOf = ({ state, counterparty }: KnownClient): unknown => [
  counterparty.clientId,
  state.attestors,
  state.minRequiredSigs,
  state.location,
  state.verifiesOncePerTransaction,
];

/** More than any chain would verify: only a contract made to waste time and memory names so many. */
export const MAX_SET_SIZE = 1_000;

const toSet = (clientId: string, state: AttestationClientState): AttestorSet => {
  if (state.attestors.length > MAX_SET_SIZE) {
    throw new ProofApiError(
      'proof-api/client-unsupported',
      `client ${clientId} holds a set of ${state.attestors.length} attestors, at most ${MAX_SET_SIZE} are supported`,
      { meta: { clientId, got: state.attestors.length, limit: MAX_SET_SIZE } },
    );
  }
  try {
    return createAttestorSet(state.attestors, state.minRequiredSigs);
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    throw new ProofApiError(
      'proof-api/client-unsupported',
      `client ${clientId} holds no usable set: ${error.message}`,
      {
        cause: error,
        meta: { clientId },
      },
    );
  }
};

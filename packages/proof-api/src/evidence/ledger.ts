import { type Address, bytesToHex, type Hex } from '@interchain-attestation/core';
import type { SignedBy, SignedGroup } from '../domain/tally.ts';

/** Heights remembered for each client, and clients remembered. */
const MAX_HEIGHTS = 128;
const MAX_CLIENTS = 256;
/** Different statements about one height that are kept of one signer: two already contradict each other. */
const MAX_PER_SIGNER = 2;

type Groups = Map<Hex, { data: Uint8Array; signatures: Map<Address, SignedBy> }>;

const touch = <K, V>(map: Map<K, V>, key: K, create: () => V, limit: number): V => {
  const value = map.get(key) ?? create();
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > limit && oldest !== undefined) map.delete(oldest);
  return value;
};

const addTo = (groups: Groups, data: Uint8Array, entry: SignedBy): void => {
  const key = bytesToHex(data);
  const group = groups.get(key) ?? { data, signatures: new Map<Address, SignedBy>() };
  groups.set(key, group);
  if (!group.signatures.has(entry.signer)) group.signatures.set(entry.signer, entry);
};

/**
 * What members of each client's set signed about the time of recent heights, over all requests: so that a statement
 * contradicting one of an earlier request is noticed. Bounded, whatever a signer sends.
 */
export class StateLedger {
  readonly #clients = new Map<string, Map<bigint, Groups>>();

  /** Drops what is known about a client. */
  forget(clientKey: string): void {
    this.#clients.delete(clientKey);
  }

  /** Adds groups, and returns all that is known about this height, the given groups always included. */
  add(clientKey: string, height: bigint, groups: readonly SignedGroup[]): readonly SignedGroup[] {
    const heights = touch(this.#clients, clientKey, () => new Map<bigint, Groups>(), MAX_CLIENTS);
    const known = touch(heights, height, (): Groups => new Map(), MAX_HEIGHTS);
    const all: Groups = new Map();
    for (const { data, signatures } of known.values()) {
      for (const entry of signatures.values()) addTo(all, data, entry);
    }
    for (const { data, signatures } of groups) {
      for (const entry of signatures) {
        addTo(all, data, entry);
        const said = [...known.values()].filter((group) => group.signatures.has(entry.signer)).length;
        if (said < MAX_PER_SIGNER) addTo(known, data, entry);
      }
    }
    return [...all.values()].map(({ data, signatures }) => ({ data, signatures: [...signatures.values()] }));
  }
}

import { type Address, equalBytes, hexToBytes } from '@interchain-attestation/core';

const known = new WeakMap<readonly Address[], AttestorIndex>();

/** Looks up an attestor by the bytes of an address. Built once for each list, as long as the list lives. */
export class AttestorIndex {
  readonly #byPrefix = new Map<number, Uint8Array[]>();

  private constructor(attestors: readonly Address[]) {
    for (const attestor of attestors) {
      const bytes = hexToBytes(attestor);
      const prefix = prefixOf(bytes);
      this.#byPrefix.set(prefix, [...(this.#byPrefix.get(prefix) ?? []), bytes]);
    }
  }

  static of(attestors: readonly Address[]): AttestorIndex {
    const index = known.get(attestors) ?? new AttestorIndex(attestors);
    known.set(attestors, index);
    return index;
  }

  /** @param address 20 bytes */
  has(address: Uint8Array): boolean {
    return this.#byPrefix.get(prefixOf(address))?.some((attestor) => equalBytes(attestor, address)) ?? false;
  }
}

/** Four bytes of an address tell attestors apart nearly always, and make a number that a map finds at once. */
const prefixOf = (address: Uint8Array): number =>
  ((address[0] ?? 0) << 24) | ((address[1] ?? 0) << 16) | ((address[2] ?? 0) << 8) | (address[3] ?? 0);

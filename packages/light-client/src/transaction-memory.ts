import { equalBytes, isZeroBytes, type PacketAttestationView } from '@interchain-attestation/core';

/**
 * What one transaction verified so far: the model of the contract's transient storage. The contract keys each entry as
 * H("kv", height, path, commitment), and a path seen with a non-zero commitment as H("nz", height, path); here the
 * verified attestations themselves are kept and scanned, which answers the same two questions.
 */
export class TransactionMemory {
  readonly #verified: PacketAttestationView[] = [];

  /** Adds an attestation that passed every check. Copied: the caller may reuse its buffer before the transaction ends. */
  remember(view: PacketAttestationView): void {
    this.#verified.push({ ...view, data: view.data.slice() });
  }

  /** The "kv" question: was this very entry attested? */
  hasEntry(height: bigint, pathHash: Uint8Array, commitment: Uint8Array): boolean {
    return this.#some(height, pathHash, (found) => equalBytes(found, commitment));
  }

  /** The "nz" question: was anything but nothing attested at this path? */
  hasNonZero(height: bigint, pathHash: Uint8Array): boolean {
    return this.#some(height, pathHash, (found) => !isZeroBytes(found));
  }

  #some(height: bigint, pathHash: Uint8Array, predicate: (commitment: Uint8Array) => boolean): boolean {
    for (const view of this.#verified) {
      if (view.height !== height) continue;
      for (let i = 0; i < view.count; i++) {
        if (pathMatches(view, i, pathHash) && predicate(commitmentAt(view, i))) return true;
      }
    }
    return false;
  }
}

/** True when entry `index` is for `pathHash`. Compares in place: lists are long, and nearly every entry differs at once. */
export const pathMatches = (view: PacketAttestationView, index: number, pathHash: Uint8Array): boolean => {
  const at = view.entriesAt + 64 * index;
  for (let i = 0; i < 32; i++) if (view.data[at + i] !== pathHash[i]) return false;
  return true;
};

/** Commitment of entry `index`, as a view into the data. */
export const commitmentAt = (view: PacketAttestationView, index: number): Uint8Array =>
  view.data.subarray(view.entriesAt + 64 * index + 32, view.entriesAt + 64 * index + 64);

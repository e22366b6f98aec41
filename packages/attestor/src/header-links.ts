import type { BlockHeader } from '@interchain-attestation/chains';

const isChild = (header: BlockHeader, parent: BlockHeader): boolean =>
  header.height === parent.height + 1n &&
  header.parentHash === parent.hash &&
  header.timestampSec >= parent.timestampSec;

/** An unbroken run of headers: each names the one below as its parent, and time does not run backwards. */
export class HeaderLinks {
  readonly #headers = new Map<bigint, BlockHeader>();
  #lowest: BlockHeader;
  #tip: BlockHeader;

  constructor(first: BlockHeader) {
    this.#lowest = first;
    this.#tip = first;
    this.#headers.set(first.height, first);
  }

  get lowest(): BlockHeader {
    return this.#lowest;
  }

  get tip(): BlockHeader {
    return this.#tip;
  }

  at(height: bigint): BlockHeader | undefined {
    return this.#headers.get(height);
  }

  /** Adds headers above the tip, ascending: all, or none and false when they do not descend from it. */
  extend(headers: readonly BlockHeader[]): boolean {
    let previous = this.#tip;
    for (const header of headers) {
      if (!isChild(header, previous)) return false;
      previous = header;
    }
    for (const header of headers) this.#headers.set(header.height, header);
    this.#tip = previous;
    return true;
  }

  /** Adds headers below the lowest, ascending: all, or none and false when it does not descend from them. */
  extendDown(headers: readonly BlockHeader[]): boolean {
    let next = this.#lowest;
    for (const header of headers.toReversed()) {
      if (!isChild(next, header)) return false;
      next = header;
    }
    for (const header of headers) this.#headers.set(header.height, header);
    this.#lowest = next;
    return true;
  }

  /** Forgets the lowest headers until at most `count` are left. */
  prune(count: number): void {
    while (this.#headers.size > count) {
      const next = this.#headers.get(this.#lowest.height + 1n);
      if (next === undefined) return;
      this.#headers.delete(this.#lowest.height);
      this.#lowest = next;
    }
  }
}

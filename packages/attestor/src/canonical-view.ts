import type { BlockHeader, ChainReader } from '@interchain-attestation/chains';
import type { Guard, RecordedBlock } from '@interchain-attestation/guard';
import { AttestorError } from './errors.ts';

/** A recorded block that its chain no longer holds final. */
export interface CanonicityBreak {
  readonly recorded: RecordedBlock;
  /** What the chain says now. */
  readonly header: BlockHeader;
  readonly final: BlockHeader;
}

export interface CanonicalViewOptions {
  readonly reader: ChainReader;
  readonly guard: Pick<Guard, 'recordedBlocks'>;
  /** Blocks whose headers are kept. */
  readonly windowBlocks: number;
  /** Told before `sync` throws because of it; must stop the source. */
  readonly onBreak: (found: CanonicityBreak) => Promise<Error>;
  /** Told when a final block was replaced, but none that was ever attested. */
  readonly onReorg: (final: BlockHeader) => void;
}

/** Headers in one read while the view is built. */
const PIECE = 500;

/**
 * Headers of the newest final blocks, each linked to the next by its parent hash, up to a tip that is final. Everything
 * recorded in the guard was compared with the chain of that tip when the view was built. So as long as the final block
 * of the chain is the tip, or descends from it by links, everything recorded is still canonical: one look at the final
 * block answers for all of it, and what is read later costs one header a block.
 */
export class CanonicalView {
  readonly #options: CanonicalViewOptions;
  readonly #links = new Map<bigint, BlockHeader>();
  #tip: BlockHeader | undefined;
  #generation = 0;
  #advancing: Promise<void> | undefined;

  constructor(options: CanonicalViewOptions) {
    this.#options = options;
  }

  /** Changes when the view was built anew: what was read before must be read again. */
  get generation(): number {
    return this.#generation;
  }

  /** The canonical header at a height of the window. */
  header(height: bigint): BlockHeader | undefined {
    return this.#links.get(height);
  }

  /** Forgets the view, after a sign that it is wrong: the next `sync` compares everything again. */
  invalidate(): void {
    this.#tip = undefined;
    this.#links.clear();
    this.#generation++;
  }

  /**
   * The highest final block, after making sure that every recorded block is still canonical.
   * @param covering asks the chain anew rather than answer from memory with less than this height
   * @throws ChainError; AttestorError `attestor/chain-behind`, `attestor/chain-inconsistent`; what `onBreak` returns
   */
  async sync(covering?: bigint, signal?: AbortSignal): Promise<BlockHeader> {
    for (;;) {
      const final = await this.#options.reader.finalizedBlock({
        ...(covering === undefined ? {} : { covering }),
        ...(signal === undefined ? {} : { signal }),
      });
      if (this.#holds(final)) return final;
      // One at a time, for all who wait: later ones look again at what it left.
      this.#advancing ??= this.#advance(final).finally(() => {
        this.#advancing = undefined;
      });
      await this.#advancing;
      if (this.#holds(final)) return final;
    }
  }

  #holds(final: BlockHeader): boolean {
    return this.#links.get(final.height)?.hash === final.hash;
  }

  async #advance(final: BlockHeader): Promise<void> {
    const tip = this.#tip;
    if (tip === undefined) return this.#build(final, false);
    const lowest = tip.height - BigInt(this.#links.size - 1);
    if (final.height < lowest) {
      throw behind(`the final block is ${final.height}, though ${tip.height} was final before`, final, tip.height);
    }
    const gap = final.height - tip.height;
    if (gap > BigInt(this.#options.windowBlocks)) return this.#build(final, false);
    if (gap <= 0n) return this.#build(final, true);
    const headers = await this.#read(range(tip.height + 1n, final.height - 1n));
    if (!this.#extend(tip, [...headers, final])) return this.#build(final, true);
    this.#prune();
  }

  /** Adds headers above the tip, all or none; false when they do not descend from it. */
  #extend(tip: BlockHeader, headers: readonly (BlockHeader | undefined)[]): boolean {
    let previous = tip;
    for (const header of headers) {
      if (header === undefined || !isChild(header, previous)) return false;
      previous = header;
    }
    for (const header of headers) if (header !== undefined) this.#links.set(header.height, header);
    this.#tip = previous;
    return true;
  }

  /** Compares everything recorded with the chain, then links the window below the final block. */
  async #build(final: BlockHeader, replaced: boolean): Promise<void> {
    this.invalidate();
    const recorded = this.#options.guard.recordedBlocks();
    const highest = recorded.at(-1);
    const windowStart = final.height - BigInt(this.#options.windowBlocks - 1);
    const windowHeights = range(windowStart < 0n ? 0n : windowStart, final.height - 1n);
    const older = recorded.filter(({ height }) => height < (windowHeights[0] ?? final.height)).map((r) => r.height);
    const heights = [...older, ...windowHeights];
    const headers = await this.#read(heights);
    const byHeight = new Map<bigint, BlockHeader>([[final.height, final]]);
    headers.forEach((header, i) => {
      const height = heights[i] ?? 0n;
      if (header === undefined) throw inconsistent(`no block at ${height}, below the final ${final.height}`, final);
      byHeight.set(height, header);
    });
    for (const block of recorded) {
      const header = byHeight.get(block.height);
      if (header !== undefined && header.hash !== block.hash) {
        throw await this.#options.onBreak({ recorded: block, header, final });
      }
    }
    // What was attested above this node's final block cannot be compared yet.
    if (highest !== undefined && highest.height > final.height) {
      throw behind(`the final block is ${final.height}, but ${highest.height} was attested`, final, highest.height);
    }
    const first = byHeight.get(windowHeights[0] ?? final.height) ?? final;
    const rest = [...windowHeights.slice(1), final.height].filter((height) => height > first.height);
    this.#links.set(first.height, first);
    if (
      !this.#extend(
        first,
        rest.map((height) => byHeight.get(height)),
      )
    ) {
      this.invalidate();
      throw inconsistent(`headers below ${final.height} do not link by their parent hashes`, final);
    }
    if (replaced) this.#options.onReorg(final);
  }

  async #read(heights: readonly bigint[]): Promise<readonly (BlockHeader | undefined)[]> {
    const headers: (BlockHeader | undefined)[] = [];
    for (let at = 0; at < heights.length; at += PIECE) {
      headers.push(...(await this.#options.reader.headers(heights.slice(at, at + PIECE))));
    }
    return headers;
  }

  #prune(): void {
    for (const height of this.#links.keys()) {
      if (this.#links.size <= this.#options.windowBlocks) return;
      this.#links.delete(height);
    }
  }
}

const range = (from: bigint, to: bigint): bigint[] => {
  const heights: bigint[] = [];
  for (let height = from; height <= to; height++) heights.push(height);
  return heights;
};

const isChild = (header: BlockHeader, parent: BlockHeader): boolean =>
  header.height === parent.height + 1n &&
  header.parentHash === parent.hash &&
  header.timestampSec >= parent.timestampSec;

const behind = (message: string, final: BlockHeader, expected: bigint): AttestorError =>
  new AttestorError('attestor/chain-behind', message, {
    meta: { height: final.height, expected },
    retryable: true,
  });

const inconsistent = (message: string, final: BlockHeader): AttestorError =>
  new AttestorError('attestor/chain-inconsistent', message, { meta: { height: final.height }, retryable: true });

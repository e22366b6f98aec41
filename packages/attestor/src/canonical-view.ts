import type { BlockHeader, ChainReader } from '@interchain-attestation/chains';
import { isAttestationError } from '@interchain-attestation/core';
import type { Guard, RecordedBlock } from '@interchain-attestation/guard';
import { AttestorError } from './errors.ts';
import { HeaderLinks } from './header-links.ts';

/** A recorded block of which the chain now says something else: another hash, or another time. */
export interface CanonicityBreak {
  readonly recorded: RecordedBlock;
  /** What the chain says now. */
  readonly header: BlockHeader;
  readonly final: BlockHeader;
}

export interface CanonicalViewOptions {
  readonly reader: ChainReader;
  readonly guard: Pick<Guard, 'recordedBlocks'>;
  /** Most blocks whose headers are kept. */
  readonly windowBlocks: number;
  /** Told before `sync` throws because of it; must stop the source. */
  readonly onBreak: (found: CanonicityBreak) => Promise<Error>;
  /** Told when a final block was replaced, but none that was ever attested. */
  readonly onReorg: (final: BlockHeader) => void;
}

/** Headers in one read. */
const PIECE = 500;
/** Headers linked below the one asked for: heights are asked for in neighbourhoods. */
const READ_AHEAD = 32n;
/** Times that one question follows a chain that changes under it. */
const MAX_CHANGES = 8;
/** How a chain says that it has no such block. */
const MISSING: ReadonlySet<string> = new Set([
  'attestor/chain-inconsistent',
  'chain/height-not-found',
  'chain/state-pruned',
]);

/**
 * Headers of the newest final blocks, each linked to the next by its parent hash, up to a tip that is final. Everything
 * recorded in the guard was compared with the chain of that tip when the view was built. So as long as the final block
 * of the chain is the tip, or descends from it by links, everything recorded is still canonical: one look at the final
 * block answers for all of it, and what is read later costs one header a block, once.
 */
export class CanonicalView {
  readonly #options: CanonicalViewOptions;
  #links: HeaderLinks | undefined;
  #generation = 0;
  #advancing: Promise<void> | undefined;
  #descending: Promise<void> | undefined;

  constructor(options: CanonicalViewOptions) {
    this.#options = options;
  }

  /** Changes when the view is built anew: what was read before must be read again. */
  get generation(): number {
    return this.#generation;
  }

  /** The canonical header at a height, if it is linked already. */
  header(height: bigint): BlockHeader | undefined {
    return this.#links?.at(height);
  }

  /** Forgets the view, after a sign that it is wrong: the next `sync` compares everything again. */
  invalidate(): void {
    this.#links = undefined;
    this.#generation++;
  }

  /**
   * The highest final block, after making sure that every recorded block is still canonical.
   * @param covering asks the chain anew rather than answer from memory with less than this height
   * @throws ChainError; AttestorError `attestor/chain-behind`, `attestor/chain-inconsistent`; what `onBreak` returns
   */
  async sync(covering?: bigint, signal?: AbortSignal): Promise<BlockHeader> {
    let final: BlockHeader | undefined;
    for (let looks = 0; looks < MAX_CHANGES; looks++) {
      final = await this.#options.reader.finalizedBlock({
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
    throw restless(final);
  }

  /**
   * The canonical header at a height at or below a final block that `sync` gave, linked to the tip by parent hashes;
   * undefined where it lies below the window.
   * @throws ChainError, AttestorError `attestor/chain-inconsistent`
   */
  async linked(height: bigint): Promise<BlockHeader | undefined> {
    let links = this.#links;
    for (let changes = 0; changes < MAX_CHANGES; ) {
      if (links === undefined || links.tip.height - height >= BigInt(this.#options.windowBlocks)) return undefined;
      const header = links.at(height);
      if (header !== undefined) return header;
      if (height > links.tip.height) return undefined;
      this.#descending ??= this.#descend(links, height).finally(() => {
        this.#descending = undefined;
      });
      await this.#descending;
      // Others may have had it read elsewhere: each turn reads further down, unless the view was built anew.
      if (links !== this.#links) changes++;
      links = this.#links;
    }
    throw restless(links?.tip);
  }

  #holds(final: BlockHeader): boolean {
    return this.#links?.at(final.height)?.hash === final.hash;
  }

  async #advance(final: BlockHeader): Promise<void> {
    const links = this.#links;
    if (links === undefined) return this.#build(final, false);
    const { tip } = links;
    if (final.height <= tip.height) {
      const known = await this.linked(final.height);
      if (known?.hash === final.hash) return;
      if (known === undefined) {
        throw behind(`the final block is ${final.height}, though ${tip.height} was final before`, final, tip.height);
      }
      return this.#build(final, true);
    }
    if (final.height - tip.height > BigInt(this.#options.windowBlocks)) return this.#build(final, false);
    const headers = await this.#read(range(tip.height + 1n, final.height - 1n), final);
    if (!links.extend([...headers, final])) return this.#build(final, true);
    links.prune(this.#options.windowBlocks + Number(READ_AHEAD));
  }

  /** Compares everything recorded with the chain of the final block, and begins to link from there. */
  async #build(final: BlockHeader, replaced: boolean): Promise<void> {
    this.invalidate();
    const generation = this.#generation;
    const recorded = this.#options.guard.recordedBlocks();
    const comparable = recorded.filter(({ height }) => height <= final.height);
    const heights = comparable.map(({ height }) => height);
    const headers = await this.#read(heights, final);
    for (const [i, block] of comparable.entries()) {
      const header = block.height === final.height ? final : headers[i];
      if (header !== undefined && (header.hash !== block.hash || header.timestampSec !== block.timestampSec)) {
        throw await this.#options.onBreak({ recorded: block, header, final });
      }
    }
    // What was attested above this node's final block cannot be compared yet.
    const highest = recorded.at(-1);
    if (highest !== undefined && highest.height > final.height) {
      throw behind(this.#explainBehind(final, highest), final, highest.height);
    }
    // Given up while it was built: a sign that the chain is another one may be younger than what was read.
    if (generation !== this.#generation) return;
    this.#links = new HeaderLinks(final);
    if (replaced) this.#options.onReorg(final);
  }

  #explainBehind(final: BlockHeader, highest: RecordedBlock): string {
    const said = `the final block is ${final.height}, but ${highest.height} was attested`;
    const gap = highest.height - final.height;
    if (gap <= BigInt(this.#options.windowBlocks)) return said;
    const other = `an RPC lied when ${highest.height} (time ${highest.timestampSec}) was attested, and this key must be replaced`;
    return `${said}, ${gap} blocks above it: either this node is far from in sync, or ${other}`;
  }

  /** Links downwards until `height` and a little further. */
  async #descend(links: HeaderLinks, height: bigint): Promise<void> {
    const target = height > READ_AHEAD ? height - READ_AHEAD : 0n;
    while (links.lowest.height > height) {
      const { lowest } = links;
      const from = lowest.height - BigInt(PIECE) > target ? lowest.height - BigInt(PIECE) : target;
      const headers = await this.#readDown(from, height, lowest.height - 1n, links.tip);
      if (!links.extendDown(headers)) {
        throw inconsistent(`headers below ${lowest.height} do not link by their parent hashes`, links.tip);
      }
    }
    links.prune(this.#options.windowBlocks + Number(READ_AHEAD));
  }

  /** Headers `from..to`; where the node has none that low, those from `needed` on. */
  async #readDown(from: bigint, needed: bigint, to: bigint, tip: BlockHeader): Promise<readonly BlockHeader[]> {
    try {
      return await this.#read(range(from, to), tip);
    } catch (error) {
      // A chain may begin at 1 or higher, and a node may have pruned: what was not asked for may be missing.
      if (from >= needed || !isAttestationError(error) || !MISSING.has(error.code)) throw error;
      return this.#read(range(needed, to), tip);
    }
  }

  async #read(heights: readonly bigint[], final: BlockHeader): Promise<readonly BlockHeader[]> {
    const headers: BlockHeader[] = [];
    for (let at = 0; at < heights.length; at += PIECE) {
      const piece = heights.slice(at, at + PIECE);
      for (const [i, header] of (await this.#options.reader.headers(piece)).entries()) {
        if (header === undefined) throw inconsistent(`no block at ${piece[i]}, below the final ${final.height}`, final);
        headers.push(header);
      }
    }
    return headers;
  }
}

const range = (from: bigint, to: bigint): bigint[] => {
  const heights: bigint[] = [];
  for (let height = from; height <= to; height++) heights.push(height);
  return heights;
};

const behind = (message: string, final: BlockHeader, expected: bigint): AttestorError =>
  new AttestorError('attestor/chain-behind', message, {
    meta: { height: final.height, expected },
    retryable: true,
  });

const restless = (final: BlockHeader | undefined): AttestorError =>
  new AttestorError('attestor/chain-inconsistent', `the final block was another one at each of ${MAX_CHANGES} looks`, {
    meta: { height: final?.height ?? 0n },
    retryable: true,
  });

const inconsistent = (message: string, final: BlockHeader): AttestorError =>
  new AttestorError('attestor/chain-inconsistent', message, { meta: { height: final.height }, retryable: true });

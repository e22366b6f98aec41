import type { BlockHeader, ChainReader, EventSource } from '@interchain-attestation/chains';
import type { Attestor } from '../attestors/attestor.ts';
import { Heads } from '../attestors/heads.ts';
import { HeightTracker } from '../attestors/height-tracker.ts';
import { type Item, sourcePath } from '../domain/item.ts';
import type { EmitEvent } from '../events.ts';

/** What the source chain holds for items, at one block. */
export interface SourceReading {
  readonly header: BlockHeader;
  /** One an item: what stands at its source path. */
  readonly held: readonly (Uint8Array | undefined)[];
}

/** A chain that is attested, with its attestors. All routes from it share one. */
export class Source {
  readonly name: string;
  readonly reader: ChainReader;
  readonly events: EventSource;
  readonly attestors: readonly Attestor[];
  readonly heads: Heads;
  readonly heights: HeightTracker;

  constructor(
    chain: { readonly reader: ChainReader; readonly events: EventSource },
    attestors: readonly Attestor[],
    options: { readonly heightPollMs: number; readonly emit: EmitEvent },
  ) {
    this.name = chain.reader.name;
    this.reader = chain.reader;
    this.events = chain.events;
    this.attestors = attestors;
    this.heads = new Heads(chain.events, undefined, (error) =>
      options.emit({ type: 'chain-outage', chain: this.name, error }),
    );
    this.heights = new HeightTracker(attestors, this.heads, options.heightPollMs);
    this.heights.start();
  }

  /** The header at a height; waits up to `waitMs` for a block that is about to come. */
  async header(height: bigint, waitMs: number, signal: AbortSignal): Promise<BlockHeader | undefined> {
    const until = performance.now() + waitMs;
    for (;;) {
      const [header] = await this.reader.headers([height], { signal });
      const left = until - performance.now();
      if (header !== undefined || left <= 0 || signal.aborted) return header;
      await this.heads.next(Math.min(left, 500), signal);
    }
  }

  /** What stands at the items' paths in this very block. */
  async read(header: BlockHeader, items: readonly Item[], signal: AbortSignal): Promise<SourceReading> {
    const held = items.length === 0 ? [] : await this.reader.commitments(header, items.map(sourcePath), { signal });
    return { header, held };
  }

  /** Reads of one request; see {@link SourceView}. */
  view(signal: AbortSignal): SourceView {
    return new SourceView(this, signal);
  }

  close(): void {
    this.heights.stop();
    this.heads.close();
    for (const attestor of this.attestors) attestor.close();
  }
}

/** What was read before it was known to be needed. */
interface Ahead {
  readonly height: bigint;
  readonly items: readonly Item[];
  readonly reading: Promise<SourceReading | undefined>;
  readonly timestamp: Promise<bigint | undefined>;
}

/**
 * The source chain as one request sees it. What will most probably be needed is read ahead, while the destination is
 * read: with nodes far away each round trip counts.
 */
export class SourceView {
  readonly #source: Source;
  readonly #signal: AbortSignal;
  #ahead: Ahead | undefined;

  constructor(source: Source, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  /**
   * Starts reading items at a height; used only if it works out.
   * @param timestamp what the destination's client holds for that height, being read
   */
  readAhead(height: bigint, items: readonly Item[], timestamp: Promise<bigint | undefined>): void {
    const reading = this.#read(height, items, 0);
    for (const each of [reading, timestamp]) each.catch(() => {});
    this.#ahead = { height, items, reading, timestamp };
  }

  /** The timestamp that is being read ahead for a height. */
  timestampAhead(height: bigint): Promise<bigint | undefined> | undefined {
    return this.#ahead?.height === height ? this.#ahead.timestamp : undefined;
  }

  /**
   * What stands at the items' paths at a height; waits up to `waitMs` for a block that is about to come.
   * @returns undefined when the chain has no such block
   */
  async read(height: bigint, items: readonly Item[], waitMs: number): Promise<SourceReading | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.height === height) {
      const reading = await ahead.reading.catch(() => undefined);
      const places = new Map(ahead.items.map((item, place) => [item, place]));
      if (reading !== undefined && items.every((item) => places.has(item))) {
        return { header: reading.header, held: items.map((item) => reading.held[places.get(item) ?? -1]) };
      }
    }
    return this.#read(height, items, waitMs);
  }

  async #read(height: bigint, items: readonly Item[], waitMs: number): Promise<SourceReading | undefined> {
    const header = await this.#source.header(height, waitMs, this.#signal);
    return header === undefined ? undefined : this.#source.read(header, items, this.#signal);
  }
}

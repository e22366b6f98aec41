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

  close(): void {
    this.heights.stop();
    this.heads.close();
    for (const attestor of this.attestors) attestor.close();
  }
}

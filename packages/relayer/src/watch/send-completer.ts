import type { PacketEvent } from '@interchain-attestation/chains';
import { larger, smaller } from '@interchain-attestation/core';
import { RelayerError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { NewestSends } from '../store/cursors.ts';
import type { ChainHandle } from './chain-handle.ts';
import { createSendGaps, fills } from './send-gaps.ts';

export interface SendCompleterDeps {
  readonly chain: ChainHandle;
  /** Clients of the routes on this chain. */
  readonly clientIds: ReadonlySet<string>;
  readonly emit: Emit;
}

/**
 * Looks again for sends that a node leaves out of its events: one whose logs are behind its blocks does, and nobody would
 * ever ask for them again.
 */
export interface SendCompleter {
  /**
   * These events, and the sends that are missing before or among them, where another look shows them.
   * @throws RelayerError `relayer/incomplete-events` when it does not; after many times it is told, and let be
   */
  complete(events: readonly PacketEvent[], through: bigint): Promise<readonly PacketEvent[]>;
  /** @returns the newest send of each client now */
  note(events: readonly PacketEvent[]): NewestSends;
  /** The chain is read from another block on, up to which these were the newest. */
  reset(sends: NewestSends): void;
}

/** A node that lacks a send for good is told from one that catches up by so many looks. */
const MAX_LOOKS = 15;
/** Blocks that each of them but the last goes through. */
const LOOK_BACK_BLOCKS = 10_000n;

/** Creates the completer of a chain. */
export const createSendCompleter = (
  { chain, clientIds, emit }: SendCompleterDeps,
  signal: AbortSignal,
): SendCompleter => {
  const { chainId } = chain;
  // What a block of a Cosmos chain did is read whole, or not at all.
  const sends = createSendGaps(chain.reader.kind === 'evm' ? clientIds : new Set());
  let looks = 0;

  return {
    async complete(events, through) {
      const gaps = sends.find(events);
      if (gaps.length === 0) {
        looks = 0;
        return events;
      }
      looks += 1;
      const found: PacketEvent[] = [];
      const after = gaps.map((gap) => gap.after).reduce(smaller);
      // Mostly it stands near the head. The last look goes all the way.
      const from = looks < MAX_LOOKS ? larger(after, through - LOOK_BACK_BLOCKS) : after;
      let cause: unknown;
      try {
        for await (const piece of chain.events.events(from, through, { signal })) {
          found.push(...piece.events.filter((event) => gaps.some((gap) => fills(gap, event))));
        }
      } catch (error) {
        // Blocks that the node no longer has: the look counts like any other.
        cause = error;
      }
      signal.throwIfAborted();
      const all = [...found, ...events];
      const lost = sends.find(all);
      const [gap] = lost;
      if (gap !== undefined && looks < MAX_LOOKS) {
        throw new RelayerError(
          'relayer/incomplete-events',
          `the node leaves out the sends ${gap.first} to ${gap.last} of ${gap.clientId}, after block ${gap.after}`,
          { retryable: true, meta: { chainId, height: gap.after }, cause },
        );
      }
      looks = 0;
      for (const each of lost) emit({ type: 'sends-missing', chainId, ...each, before: through });
      return all;
    },
    note: sends.note,
    reset(newest) {
      looks = 0;
      sends.reset(newest);
    },
  };
};

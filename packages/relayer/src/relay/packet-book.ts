import type { Clock, PacketEvent } from '@interchain-attestation/chains';
import { applyEvents, type BlockLook, type ContradictionFound } from '../domain/apply-events.ts';
import type { PacketKey, PacketRecord } from '../domain/packet-record.ts';
import { packetState } from '../domain/packet-state.ts';
import type { RouteTable } from '../domain/route.ts';
import { sortEvents } from '../domain/route-event.ts';
import { type PacketInput, transition } from '../domain/transition.ts';
import type { Emit } from '../events.ts';
import type { Cursor } from '../store/cursors.ts';
import { keyText, type PacketStore } from '../store/packet-store.ts';
import type { PacketChange } from '../store/save-packets.ts';
import type { Halts } from './halts.ts';

/** A look at some blocks of a chain, with all events that the chain told of. */
export type RawLook = Omit<BlockLook, 'events'> & { readonly events: readonly PacketEvent[] };

/** The one place through which packets change: stores first, then tells. */
export interface PacketBook {
  /** Takes what a chain said; the cursor, when given, moves in the same transaction. */
  ingest(look: RawLook, cursor?: Cursor): Promise<PacketChange[]>;
  /** Applies an input to each packet. */
  apply(keys: readonly PacketKey[], input: (record: PacketRecord) => PacketInput): Promise<PacketChange[]>;
}

export interface PacketBookDeps {
  readonly store: PacketStore;
  readonly routes: RouteTable;
  readonly halts: Halts;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Creates the book of packets. */
export const createPacketBook = ({ store, routes, halts, clock, emit }: PacketBookDeps): PacketBook => {
  const tell = (changes: PacketChange[]): PacketChange[] => {
    const atMs = clock.now();
    for (const { before, after } of changes) {
      const to = packetState(after);
      if (before === undefined) emit({ type: 'packet', record: after, to, atMs });
      else if (packetState(before) !== to) emit({ type: 'packet', record: after, from: packetState(before), to, atMs });
    }
    return changes;
  };

  return {
    ingest: async (look, cursor) => {
      const { events, malformed } = sortEvents(routes, look.chainId, look.events);
      if (events.length === 0 && malformed.length === 0 && cursor === undefined && look.complete === undefined)
        return [];
      for (const { routeId, problem, event } of look.final ? malformed : []) {
        const reason = `malformed ${event.type} event in transaction ${event.txId} of chain ${look.chainId}: ${problem}`;
        await halts.halt(routeId, 'malformed-event', reason);
      }
      const facts = look.complete === undefined ? {} : { facts: { chainId: look.chainId, ...look.complete } };
      const scope = { keys: events.map(({ key }) => key), ...facts };
      const attempt = async (): Promise<PacketChange[] | readonly ContradictionFound[]> => {
        let news: readonly ContradictionFound[] = [];
        try {
          return await store.mutate(
            scope,
            (records) => {
              const applied = applyEvents(records, { ...look, events }, clock.now());
              news = applied.contradictions.filter(({ routeId }) => !halts.isStored(routeId));
              if (news.length > 0) throw new Error('contradiction');
              return applied.records;
            },
            cursor,
          );
        } catch (error) {
          if (news.length > 0) return news;
          throw error;
        }
      };
      // The halt is durable before the cursor passes the events that caused it: a stop in between loses neither.
      for (;;) {
        const outcome = await attempt();
        const news = outcome.filter((item) => 'reason' in item);
        if (news.length === 0) return tell(outcome as PacketChange[]);
        for (const { routeId, reason } of news) await halts.halt(routeId, 'contradiction', reason);
      }
    },
    apply: async (keys, input) => {
      if (keys.length === 0) return [];
      const wanted = new Set(keys.map(keyText));
      const changes = await store.mutate({ keys }, (records) =>
        [...records].flatMap(([key, record]) =>
          wanted.has(key) ? [transition(record, input(record), clock.now())] : [],
        ),
      );
      return tell(changes);
    },
  };
};

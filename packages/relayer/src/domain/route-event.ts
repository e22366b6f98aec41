import type { PacketEvent } from '@interchain-attestation/chains';
import { equalBytes, type Packet, UNIVERSAL_ERROR_ACK } from '@interchain-attestation/core';
import type { ChainFact, PacketKey, PacketRecord } from './packet-record.ts';
import type { Direction, RouteTable } from './route.ts';
import type { FactKind, PacketInput } from './transition.ts';

/** A packet event that concerns a route. */
export interface RouteEvent {
  readonly event: PacketEvent;
  readonly direction: Direction;
  readonly key: PacketKey;
  readonly kind: FactKind;
}

/** What a route says about the events of one chain. */
export interface SortedEvents {
  readonly events: readonly RouteEvent[];
  /** Events on our clients that no honest router emits. */
  readonly malformed: readonly { readonly routeId: string; readonly problem: string; readonly event: PacketEvent }[];
}

const KIND: Readonly<Record<PacketEvent['type'], FactKind>> = {
  send: 'send',
  'write-acknowledgement': 'receive',
  acknowledge: 'acknowledge',
  timeout: 'timeout',
};

/** One acknowledgement a payload; a refused packet has one for all of them. */
const fits = (acknowledgements: readonly Uint8Array[], { payloads }: Packet): boolean =>
  acknowledgements.length === payloads.length ||
  (acknowledgements.length === 1 && equalBytes(acknowledgements[0] ?? new Uint8Array(), UNIVERSAL_ERROR_ACK));

/** Picks the events that concern our routes and tells malformed ones apart; drops those of other clients. */
export const sortEvents = (routes: RouteTable, chainId: string, events: readonly PacketEvent[]): SortedEvents => {
  const sorted: RouteEvent[] = [];
  const malformed: SortedEvents['malformed'][number][] = [];
  for (const event of events) {
    const kind = KIND[event.type];
    const match = routes.match(chainId, kind === 'receive' ? 'dest' : 'source', event.packet);
    if (match.kind === 'foreign') continue;
    if (match.kind === 'malformed') {
      malformed.push({ routeId: match.routeId, problem: match.problem, event });
      continue;
    }
    const { direction } = match;
    if (event.type === 'write-acknowledgement' && !fits(event.acknowledgements, event.packet)) {
      const problem = `${event.acknowledgements.length} acknowledgements for ${event.packet.payloads.length} payloads`;
      malformed.push({ routeId: direction.routeId, problem, event });
      continue;
    }
    const key = {
      sourceChainId: direction.source.chainId,
      sourceClientId: direction.source.clientId,
      sequence: event.packet.sequence,
    };
    sorted.push({ event, direction, key, kind });
  }
  return { events: sorted, malformed };
};

/** The fact that an event states. */
export const eventToInput = (event: PacketEvent, final: boolean): PacketInput => {
  const fact: ChainFact = { txId: event.txId, height: event.height, blockHash: event.blockHash, final };
  return event.type === 'write-acknowledgement'
    ? { type: 'fact', kind: 'receive', fact: { ...fact, acknowledgements: event.acknowledgements } }
    : { type: 'fact', kind: event.type, fact };
};

/** A packet of which nothing is known yet. */
export const newRecord = ({ event, direction, key }: RouteEvent): PacketRecord => ({
  ...key,
  routeId: direction.routeId,
  destChainId: direction.dest.chainId,
  packet: event.packet,
  expired: false,
  attempts: 0,
  nextAttemptMs: 0,
  timesMs: {},
});

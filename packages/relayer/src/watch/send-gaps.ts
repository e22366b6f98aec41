import type { PacketEvent } from '@interchain-attestation/chains';
import type { NewestSends } from '../store/cursors.ts';

type Sent = NonNullable<ReturnType<NewestSends['get']>>;

/** Sends of one client of which no event tells, between two of which one does. */
export interface SendGap {
  readonly clientId: string;
  /** First and last sequence that is missing. */
  readonly first: bigint;
  readonly last: bigint;
  /** Height of the send before them. */
  readonly after: bigint;
}

/**
 * Follows the sends of clients by their sequences, which the router counts up by one: it leaves none out, a node may. What
 * was sent before the first one seen is not known to be missing.
 */
export interface SendGaps {
  /** Gaps between what was noted and these events, and among them. */
  find(events: readonly PacketEvent[]): readonly SendGap[];
  /** @returns the newest send of each client now */
  note(events: readonly PacketEvent[]): NewestSends;
  /** The chain is read from another block on, up to which these were the newest. */
  reset(sends: NewestSends): void;
}

/** Whether a gap lacks this event. */
export const fills = ({ clientId, first, last }: SendGap, { type, packet }: PacketEvent): boolean =>
  type === 'send' && packet.sourceClient === clientId && packet.sequence >= first && packet.sequence <= last;

/** @param clientIds the clients whose sends count */
export const createSendGaps = (clientIds: ReadonlySet<string>): SendGaps => {
  let newest: NewestSends = new Map();

  /** Goes through the sends in the order of their sequences, and tells each that comes with those before it. */
  const walk = (
    events: readonly PacketEvent[],
    step: (clientId: string, sent: Sent, before: Sent) => void = () => {},
  ): NewestSends => {
    const known = new Map(newest);
    const sends = events
      .filter(({ type, packet }) => type === 'send' && clientIds.has(packet.sourceClient))
      .toSorted((a, b) => (a.packet.sequence < b.packet.sequence ? -1 : 1));
    for (const { height, packet } of sends) {
      const { sourceClient: clientId, sequence } = packet;
      const sent = { sequence, height };
      const before = known.get(clientId) ?? sent;
      if (before.sequence > sequence) continue;
      step(clientId, sent, before);
      known.set(clientId, sent);
    }
    return known;
  };

  return {
    find(events) {
      const gaps: SendGap[] = [];
      walk(events, (clientId, { sequence }, before) => {
        const first = before.sequence + 1n;
        if (sequence > first) gaps.push({ clientId, first, last: sequence - 1n, after: before.height });
      });
      return gaps;
    },
    note(events) {
      newest = walk(events);
      return newest;
    },
    reset(sends) {
      newest = sends;
    },
  };
};

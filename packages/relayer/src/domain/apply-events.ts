import { formatPacketKey, type PacketRecord } from './packet-record.ts';
import { eventToInput, newRecord, type RouteEvent } from './route-event.ts';
import { type Contradiction, type FactKind, findContradiction, isSamePacket, transition } from './transition.ts';

/** A look at some blocks of one chain. */
export interface BlockLook {
  readonly chainId: string;
  readonly events: readonly RouteEvent[];
  readonly final: boolean;
  /** When given, the events are all there are in these blocks: facts that are not among them were taken back. */
  readonly complete?: { readonly from: bigint; readonly to: bigint };
}

/** What no honest pair of chains can show. */
export interface ContradictionFound {
  readonly routeId: string;
  readonly reason: string;
}

export interface AppliedEvents {
  readonly records: readonly PacketRecord[];
  readonly contradictions: readonly ContradictionFound[];
}

const FACTS_OF_SOURCE: readonly FactKind[] = ['send', 'acknowledge', 'timeout'];

const keyOf = (record: { sourceChainId: string; sourceClientId: string; sequence: bigint }): string =>
  `${record.sourceChainId}\n${record.sourceClientId}\n${record.sequence}`;

const dropMissing = (
  record: PacketRecord,
  { chainId, complete }: BlockLook,
  seen: ReadonlySet<string>,
  nowMs: number,
): PacketRecord => {
  if (complete === undefined) return record;
  const kinds: readonly FactKind[] = [
    ...(record.sourceChainId === chainId ? FACTS_OF_SOURCE : []),
    ...(record.destChainId === chainId ? (['receive'] as const) : []),
  ];
  let current = record;
  const { acceptedHeight: accepted } = record;
  if (
    record.destChainId === chainId &&
    accepted !== undefined &&
    accepted >= complete.from &&
    accepted <= complete.to
  ) {
    current = transition(current, { type: 'unaccepted' }, nowMs);
  }
  for (const kind of kinds) {
    const fact = current[kind];
    if (fact === undefined || fact.height < complete.from || fact.height > complete.to) continue;
    if (!seen.has(`${kind}\n${keyOf(record)}`)) current = transition(current, { type: 'dropped', kind }, nowMs);
  }
  return current;
};

/** True when a reorganisation put another packet in the place of one of which nothing final was known. */
const isReplaced = (known: PacketRecord, { event }: RouteEvent): boolean =>
  !isSamePacket(known.packet, event.packet) &&
  [known.send, known.receive, known.acknowledge, known.timeout].every((fact) => fact?.final !== true);

const describe = (contradiction: Contradiction, { key, event, direction, kind }: RouteEvent): string => {
  const chainId = kind === 'receive' ? direction.dest.chainId : direction.source.chainId;
  return `${contradiction}: packet ${formatPacketKey(key)} in transaction ${event.txId} of chain ${chainId}`;
};

/** Applies a look at some blocks to the records known: pure. */
export const applyEvents = (
  records: ReadonlyMap<string, PacketRecord>,
  look: BlockLook,
  nowMs: number,
): AppliedEvents => {
  const seen = new Set(look.events.map(({ kind, key }) => `${kind}\n${keyOf(key)}`));
  const current = new Map([...records].map(([key, record]) => [key, dropMissing(record, look, seen, nowMs)]));
  const contradictions: ContradictionFound[] = [];
  for (const item of look.events) {
    const key = keyOf(item.key);
    const known = current.get(key);
    const base = known === undefined || isReplaced(known, item) ? newRecord(item) : known;
    const after = transition(base, eventToInput(item.event, look.final), nowMs);
    const contradiction = findContradiction(after, item.event.packet);
    if (contradiction !== undefined) {
      // Only what is final counts: a look at the head may be gone with the next block.
      if (look.final) contradictions.push({ routeId: item.direction.routeId, reason: describe(contradiction, item) });
      // A packet that differs from the one known is no fact about it.
      if (contradiction === 'other-packet') continue;
    }
    current.set(key, after);
  }
  return { records: [...current.values()], contradictions };
};

import type { BlockHeader, PacketEvent, StorePath } from '@interchain-attestation/chains';
import type { PacketKey, PacketRecord } from '../domain/packet-record.ts';
import { baseState, LEG_START, LEGS, type Leg } from '../domain/packet-state.ts';
import type { Direction } from '../domain/route.ts';
import type { Emit } from '../events.ts';
import { keyText, type PacketStore } from '../store/packet-store.ts';
import type { ChainWatcher } from '../watch/chain-watcher.ts';
import { earliestSendSec, isPruned, locateEvents } from '../watch/locate.ts';
import type { PacketBook } from './packet-book.ts';

export interface MissingPassDeps {
  readonly direction: Direction;
  readonly source: ChainWatcher;
  readonly dest: ChainWatcher;
  readonly store: PacketStore;
  readonly book: PacketBook;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Which end of the direction is through with a packet. */
export type End = 'source' | 'dest';

/**
 * Settles packets with which a chain is through while no event of ours says so: the event happened before the records
 * begin and is searched for, or the packet was received and its acknowledgement is yet to be written.
 */
export interface MissingPass {
  /**
   * The chain of `end` is through with these packets that wait for `leg`, at this height.
   * @returns those whose event was searched for already, in vain
   */
  suspect(leg: Leg, end: End, records: readonly PacketRecord[], height: bigint): readonly PacketRecord[];
  run(): Promise<void>;
}

interface Suspicion {
  readonly leg: Leg;
  readonly end: End;
  readonly record: PacketRecord;
  readonly height: bigint;
}

const TYPES: Readonly<Record<End, readonly PacketEvent['type'][]>> = {
  dest: ['write-acknowledgement'],
  source: ['acknowledge', 'timeout'],
};
const ENDS: readonly End[] = ['dest', 'source'];

/** Creates the search of one direction. */
export const createMissingPass = (deps: MissingPassDeps): MissingPass => {
  const { direction, source, dest, book, signal } = deps;
  const suspicions = new Map<string, Suspicion>();
  /** Only those that were found nowhere: it must not grow with all that others bring. */
  const searched = new Set<string>();
  const nameOf = (leg: Leg, end: End, key: PacketKey): string => `${leg}\n${end}\n${keyText(key)}`;

  const stillOpen = async (leg: Leg, keys: readonly PacketKey[]): Promise<readonly PacketRecord[]> =>
    (await deps.store.byKeys(keys)).filter((record) => baseState(record) === LEG_START[leg]);

  /**
   * Received means a receipt in a final block up to which all events are known. Without an acknowledgement beside it
   * there is no event to be found: the application writes it in a later transaction.
   * @returns those that were acknowledged, though no event of ours says so
   */
  const sortReceived = async (
    records: readonly PacketRecord[],
    block: BlockHeader,
  ): Promise<readonly PacketRecord[]> => {
    const pathsOf = (kind: StorePath['kind']): readonly StorePath[] =>
      records.map(({ packet, sequence }) => ({ kind, clientId: packet.destClient, sequence }));
    const held = await dest.chain.reader.commitments(block, [...pathsOf('receipt'), ...pathsOf('acknowledgement')], {
      signal,
    });
    const isReceived = (i: number): boolean => held[i] !== undefined;
    const isAcknowledged = (i: number): boolean => held[records.length + i] !== undefined;
    const accepted = records.filter((_, i) => isReceived(i) && !isAcknowledged(i));
    await book.apply(accepted, () => ({ type: 'accepted', height: block.height }));
    return records.filter((_, i) => isReceived(i) && isAcknowledged(i));
  };

  /** Time of the oldest send; where its block is no longer kept, the earliest that the timeouts allow. */
  const sentSec = async (records: readonly PacketRecord[]): Promise<bigint> => {
    const [oldest] = records.flatMap(({ send }) => send ?? []).sort((a, b) => (a.height < b.height ? -1 : 1));
    if (oldest === undefined) return 0n;
    try {
      const [sent] = await source.chain.reader.headers([oldest.height], { signal });
      return sent?.timestampSec ?? 0n;
    } catch (error) {
      if (!isPruned(error)) throw error;
      return earliestSendSec(records.map(({ packet }) => packet.timeoutTimestampSec));
    }
  };

  /** @returns those whose event is found nowhere */
  const search = async (leg: Leg, end: End, group: readonly Suspicion[]): Promise<readonly PacketKey[]> => {
    const target = end === 'dest' ? dest : source;
    const view = target.view();
    if (view === undefined) return [];
    // What the cursor has passed since is known by now, if it happened after the records begin.
    const open = await stillOpen(
      leg,
      group.map(({ record }) => record),
    );
    const current = end === 'dest' && open.length > 0 ? await sortReceived(open, view.finalized) : open;
    const wanted = new Map<bigint, PacketKey>(current.map((record) => [record.sequence, record]));
    if (wanted.size === 0) return [];
    const events = await locateEvents(
      {
        chain: target.chain,
        before: view.cursor.startHeight,
        notBeforeSec: await sentSec(current),
        wanted: ({ type, packet }) =>
          TYPES[end].includes(type) &&
          packet.sourceClient === direction.source.clientId &&
          packet.destClient === direction.dest.clientId
            ? wanted.get(packet.sequence)
            : undefined,
        count: wanted.size,
        signal,
      },
      deps.emit,
    );
    await book.ingest({ chainId: target.chain.chainId, events, final: true });
    return stillOpen(leg, current);
  };

  return {
    suspect: (leg, end, records, height) =>
      records.filter((record) => {
        const name = nameOf(leg, end, record);
        if (searched.has(name)) return true;
        if (!suspicions.has(name)) suspicions.set(name, { leg, end, record, height });
        return false;
      }),
    run: async () => {
      for (const end of ENDS) {
        const view = (end === 'dest' ? dest : source).view();
        // While the final block runs ahead of the stored events, the event may be among those not read yet.
        if (view === undefined || view.cursor.height < view.finalized.height) continue;
        for (const leg of LEGS) {
          const due = [...suspicions].filter(
            ([, item]) => item.leg === leg && item.end === end && item.height <= view.finalized.height,
          );
          if (due.length === 0) continue;
          // An outage throws, and the next block asks again.
          const inVain = await search(
            leg,
            end,
            due.map(([, item]) => item),
          );
          for (const [name] of due) suspicions.delete(name);
          for (const key of inVain) searched.add(nameOf(leg, end, key));
        }
      }
    },
  };
};

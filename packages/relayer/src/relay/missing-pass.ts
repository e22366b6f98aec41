import type { PacketEvent } from '@interchain-attestation/chains';
import type { PacketKey, PacketRecord } from '../domain/packet-record.ts';
import { baseState, LEG_START, type Leg } from '../domain/packet-state.ts';
import type { Direction } from '../domain/route.ts';
import type { Emit } from '../events.ts';
import { keyText, type PacketStore } from '../store/packet-store.ts';
import type { ChainWatcher } from '../watch/chain-watcher.ts';
import { locateEvents } from '../watch/locate.ts';
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

/** Finds events that the chains' state proves and our records lack: they happened before the records begin. */
export interface MissingPass {
  /**
   * The target chain of `leg` is through with these packets, at this height, and no event of ours says so.
   * @returns those that were searched for already, in vain
   */
  suspect(leg: Leg, records: readonly PacketRecord[], height: bigint): readonly PacketRecord[];
  run(): Promise<void>;
}

interface Suspicion {
  readonly leg: Leg;
  readonly record: PacketRecord;
  readonly height: bigint;
}

const TYPES: Readonly<Record<Leg, readonly PacketEvent['type'][]>> = {
  receive: ['write-acknowledgement'],
  acknowledge: ['acknowledge', 'timeout'],
  timeout: ['acknowledge', 'timeout'],
};

/** Creates the search of one direction. */
export const createMissingPass = (deps: MissingPassDeps): MissingPass => {
  const { direction, source, dest, book } = deps;
  const suspicions = new Map<string, Suspicion>();
  /** Only those that were found nowhere: it must not grow with all that others bring. */
  const searched = new Set<string>();

  const stillOpen = async (leg: Leg, keys: readonly PacketKey[]): Promise<readonly PacketRecord[]> =>
    (await deps.store.byKeys(keys)).filter((record) => baseState(record) === LEG_START[leg]);

  /** @returns those whose event is found nowhere */
  const search = async (leg: Leg, group: readonly Suspicion[]): Promise<readonly PacketKey[]> => {
    const target = leg === 'receive' ? dest : source;
    const cursor = target.cursor();
    if (cursor === undefined) return [];
    // What the cursor has passed since is known by now, if it happened after the records begin.
    const current = await stillOpen(
      leg,
      group.map(({ record }) => record),
    );
    const open = new Map<bigint, PacketKey>(current.map((record) => [record.sequence, record]));
    if (open.size === 0) return [];
    const [oldest] = group.flatMap(({ record }) => record.send ?? []).sort((a, b) => (a.height < b.height ? -1 : 1));
    const [sent] =
      oldest === undefined ? [] : await source.chain.reader.headers([oldest.height], { signal: deps.signal });
    const events = await locateEvents(
      {
        chain: target.chain,
        before: cursor.startHeight,
        notBeforeSec: sent?.timestampSec ?? 0n,
        wanted: ({ type, packet }) =>
          TYPES[leg].includes(type) &&
          packet.sourceClient === direction.source.clientId &&
          packet.destClient === direction.dest.clientId
            ? open.get(packet.sequence)
            : undefined,
        count: open.size,
        signal: deps.signal,
      },
      deps.emit,
    );
    await book.ingest({ chainId: target.chain.chainId, events, final: true });
    return stillOpen(leg, current);
  };

  return {
    suspect: (leg, records, height) =>
      records.filter((record) => {
        const key = `${leg}\n${keyText(record)}`;
        if (searched.has(key)) return true;
        if (!suspicions.has(key)) suspicions.set(key, { leg, record, height });
        return false;
      }),
    run: async () => {
      for (const leg of ['receive', 'acknowledge', 'timeout'] as const) {
        const reached = (leg === 'receive' ? dest : source).view()?.cursor.height;
        if (reached === undefined) continue;
        const due = [...suspicions].filter(([, item]) => item.leg === leg && item.height <= reached);
        if (due.length === 0) continue;
        // An outage throws, and the next block asks again.
        const inVain = await search(
          leg,
          due.map(([, item]) => item),
        );
        for (const [key] of due) suspicions.delete(key);
        for (const record of inVain) searched.add(`${leg}\n${keyText(record)}`);
      }
    },
  };
};

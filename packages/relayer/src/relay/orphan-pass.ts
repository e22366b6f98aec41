import type { PacketEvent } from '@interchain-attestation/chains';
import { judgeOrphan } from '../domain/judge-orphan.ts';
import { formatPacketKey, type PacketKey, type PacketRecord } from '../domain/packet-record.ts';
import type { Direction } from '../domain/route.ts';
import type { Emit } from '../events.ts';
import type { PacketStore } from '../store/packet-store.ts';
import type { ChainWatcher } from '../watch/chain-watcher.ts';
import { earliestSendSec, locateEvents } from '../watch/locate.ts';
import type { Halts } from './halts.ts';
import type { PacketBook } from './packet-book.ts';

export interface OrphanPassDeps {
  readonly direction: Direction;
  readonly source: ChainWatcher;
  readonly dest: ChainWatcher;
  readonly store: PacketStore;
  readonly book: PacketBook;
  readonly halts: Halts;
  readonly emit: Emit;
  readonly graceSec: bigint;
  readonly signal: AbortSignal;
}

const LIMIT = 100;

/**
 * Judges packets that the destination received and the source is not known to have sent: an honest one gets its send
 * looked up, a false one halts the route. Returns when all have been looked at.
 */
export const createOrphanPass = (deps: OrphanPassDeps): (() => Promise<void>) => {
  const { direction, source, dest, store, book, halts } = deps;
  const shelve = async (records: readonly PacketRecord[], reason: string): Promise<void> => {
    await book.apply(records, () => ({ type: 'shelved', reason }));
  };

  const adopt = async (orphans: readonly PacketRecord[], receivedAtSec: bigint): Promise<void> => {
    const cursor = source.cursor();
    if (cursor === undefined || orphans.length === 0) return;
    const keys = new Map(orphans.map((record) => [record.sequence, record as PacketKey]));
    const wanted = (event: PacketEvent): PacketKey | undefined =>
      event.type === 'send' && event.packet.sourceClient === direction.source.clientId
        ? keys.get(event.packet.sequence)
        : undefined;
    // An acknowledgement may be written long after the receive: the timeout says more about the send then.
    const timesSec = [receivedAtSec, ...orphans.map(({ packet }) => packet.timeoutTimestampSec)];
    const notBeforeSec = earliestSendSec(timesSec);
    const events = await locateEvents(
      { chain: source.chain, before: cursor.startHeight, notBeforeSec, wanted, count: keys.size, signal: deps.signal },
      deps.emit,
    );
    await book.ingest({ chainId: source.chain.chainId, events, final: true });
    await shelve(orphans, 'sent before the records begin, and its send is not found');
  };

  return async () => {
    const view = source.view();
    if (view === undefined || halts.isHalted(direction.routeId)) return;
    const orphans = await store.orphans(direction, LIMIT);
    if (orphans.length === 0) return;
    const heights = orphans.map(({ receive }) => receive?.height ?? 0n);
    const paths = orphans.map(({ packet }) => ({
      kind: 'packet' as const,
      clientId: packet.sourceClient,
      sequence: packet.sequence,
    }));
    const [headers, commitments] = await Promise.all([
      dest.chain.reader.headers(heights, { signal: deps.signal }),
      source.chain.reader.commitments(view.finalized, paths, { signal: deps.signal }),
    ]);
    const earlier: PacketRecord[] = [];
    const history: PacketRecord[] = [];
    let oldestSec = view.finalized.timestampSec;
    for (const [i, record] of orphans.entries()) {
      const receivedAtSec = headers[i]?.timestampSec;
      if (receivedAtSec === undefined) continue;
      const { kind } = judgeOrphan({
        packet: record.packet,
        receivedAtSec,
        sourceTimeSec: view.finalized.timestampSec,
        commitment: commitments[i],
        sourceStartSec: view.cursor.startTimeSec,
        graceSec: deps.graceSec,
      });
      if (kind === 'history') history.push(record);
      if (kind === 'never-sent') {
        const reason = `chain ${direction.dest.chainId} received packet ${formatPacketKey(record)}, which its source never sent (transaction ${record.receive?.txId})`;
        await halts.halt(direction.routeId, 'received-without-send', reason);
        return;
      }
      if (kind === 'sent-earlier') {
        earlier.push(record);
        if (receivedAtSec < oldestSec) oldestSec = receivedAtSec;
      }
    }
    await shelve(history, 'finished before the records begin');
    await adopt(earlier, oldestSec);
  };
};

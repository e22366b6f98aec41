import type { PacketRecord } from '../domain/packet-record.ts';
import type { Direction } from '../domain/route.ts';
import type { PacketStore } from '../store/packet-store.ts';
import type { ChainWatcher } from '../watch/chain-watcher.ts';
import { findHandled } from './handled.ts';
import type { PacketBook } from './packet-book.ts';

const LIMIT = 500;

/**
 * Marks packets that can no longer be received: their timeout passed in a final block of the destination up to which
 * all its receives are known, and that block holds no receipt. No later block can receive them, since none is older
 * than a final one.
 * @param onReceived told of packets whose receipt is there while no event of ours says so
 */
export const createExpiryPass = (
  direction: Direction,
  dest: ChainWatcher,
  store: PacketStore,
  book: PacketBook,
  signal: AbortSignal,
  onReceived: (records: readonly PacketRecord[], height: bigint) => void,
): (() => Promise<void>) => {
  const look = async (after?: PacketRecord): Promise<PacketRecord | undefined> => {
    const view = dest.view();
    // While the final block runs ahead of the stored events, a receive may be among those not read yet.
    if (view === undefined || view.cursor.height < view.finalized.height) return undefined;
    const { finalized } = view;
    const candidates = await store.expirable(direction, finalized.timestampSec, LIMIT, after);
    if (candidates.length === 0) return undefined;
    const received = await findHandled('receive', dest.chain, finalized, candidates, signal);
    if (received.size > 0) onReceived([...received], finalized.height);
    const expired = candidates.filter((record) => !received.has(record));
    await book.apply(expired, () => ({ type: 'expired' }));
    return candidates.length === LIMIT ? candidates.at(-1) : undefined;
  };
  return async () => {
    // Past those that were received while their event is not known: they must not hide the ones behind them.
    for (let last = await look(); last !== undefined; ) last = await look(last);
  };
};

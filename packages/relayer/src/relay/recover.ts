import type { Clock } from '@interchain-attestation/chains';
import type { PacketRecord } from '../domain/packet-record.ts';
import { baseState, legOf } from '../domain/packet-state.ts';
import type { PacketStore } from '../store/packet-store.ts';
import type { PacketBook } from './packet-book.ts';

/** Why a packet waits that was on its way when the relayer stopped. */
export const INTERRUPTED = 'interrupted by a restart';

/**
 * Puts back what a stop in the middle left behind. A transaction that was on its way may still arrive: its packets are
 * given a moment in which the chain's event can tell, and are looked up on chain before they are sent again.
 */
export const recoverInterrupted = async (
  store: PacketStore,
  book: PacketBook,
  clock: Clock,
  pauseMs: number,
): Promise<PacketRecord[]> => {
  const interrupted = await store.inProgress();
  const nextAttemptMs = clock.now() + pauseMs;
  const changes = await book.apply(interrupted, (record) => {
    const leg = legOf(baseState(record));
    return leg === undefined ? { type: 'none' } : { type: 'postponed', leg, reason: INTERRUPTED, nextAttemptMs };
  });
  return changes.map(({ after }) => after);
};

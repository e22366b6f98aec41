import type { Guard } from '@interchain-attestation/guard';
import { block, entry, packets, state } from './fixture.ts';

/** What one group adds to the tables of sent and of received packets. */
export const SENT_A_GROUP = 3;
export const RECEIVED_A_GROUP = 1;

/**
 * Records groups of statements, going on after the highest recorded height: group n is one state and one statement of
 * three packets and an absence, all at height n. Calls back for each group that may be signed.
 */
export const recordGroups = async (
  guard: Guard,
  count: number,
  onOk: (n: number) => void = () => {},
): Promise<void> => {
  const start = Number(guard.status().highestHeight ?? 0n) + 1;
  for (let n = start; n < start + count; n++) {
    const sent = Array.from({ length: SENT_A_GROUP }, (_, i) => entry('packet', n * 10 + i, 1 + (n % 200)));
    const statements = [state(n), packets(block(n), ...sent, entry('receipt', n, undefined))];
    const verdicts = await Promise.all(statements.map((one) => guard.record(one)));
    if (!verdicts.every((verdict) => verdict.ok)) throw new Error(`refused ${n}`);
    onOk(n);
  }
};

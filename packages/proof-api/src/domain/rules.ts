import { ackCommitment, encodePath } from '@interchain-attestation/core';
import { createSnapshotClient, type Policy } from '@interchain-attestation/light-client';
import type { Batch, BatchMessages } from './batch.ts';
import type { ClientView } from './dest-kind.ts';
import { sourcePath } from './item.ts';

/** The rules of one kind of client. */
export interface ClientRules {
  readonly policy: Policy;
  /** A second in the unit in which the client keeps time. */
  readonly unitsPerSec: bigint;
}

/** What a chain calls an error: name, and number where it has one. */
const nameOf = (verdict: {
  errorName: string | null;
  code: string;
  abci?: { codespace: string; code: number };
}): string => {
  const name = verdict.errorName ?? verdict.code;
  return verdict.abci === undefined ? name : `${name} (${verdict.abci.codespace}/${verdict.abci.code})`;
};

/**
 * Runs a client's rules over the messages of a batch, one after the other, as one transaction.
 * @returns why the client would refuse it; undefined when it takes all of it
 */
export const refusalUnder = (
  { policy, unitsPerSec }: ClientRules,
  batch: Batch,
  { update, messages }: BatchMessages,
  { state, timestampSec }: ClientView,
): string | undefined => {
  const transaction = createSnapshotClient({
    policy,
    clientState: state,
    consensusStates: timestampSec === undefined ? [] : [[batch.height, timestampSec * unitsPerSec]],
  }).beginTransaction();
  if (update !== undefined) {
    const verdict = transaction.updateClient(update);
    if (!verdict.ok) return `update of ${batch.clientId}: ${nameOf(verdict)}: ${verdict.message}`;
    if (verdict.result === 'Misbehaviour') return `the update would freeze ${batch.clientId}`;
  }
  for (const { item, proof } of messages) {
    const call = { proof, height: batch.height, path: [encodePath(sourcePath(item))] };
    const verdict =
      item.kind === 'timeout'
        ? transaction.verifyNonMembership(call)
        : transaction.verifyMembership({
            ...call,
            value: item.kind === 'receive' ? item.commitment : ackCommitment(item.acknowledgements),
          });
    const what = `${item.kind} of packet ${item.packet.sequence}`;
    if (!verdict.ok) return `${what}: ${nameOf(verdict)}: ${verdict.message}`;
    const provenSec = verdict.timestamp / unitsPerSec;
    if (item.kind === 'timeout' && provenSec < item.packet.timeoutTimestampSec) {
      return `${what}: consensus time ${provenSec} is before the timeout ${item.packet.timeoutTimestampSec}`;
    }
  }
  return undefined;
};

import type { AttestationClientState } from '@interchain-attestation/chains';
import { ackCommitment, encodePath } from '@interchain-attestation/core';
import { createSnapshotClient, deployedSolidityPolicy, solidityPolicy } from '@interchain-attestation/light-client';
import { sourcePath } from '../domain/item.ts';
import { type Batch, toMessages } from './assemble.ts';

/** The destination's client as it was read. */
export interface ClientView {
  readonly state: AttestationClientState;
  /** Seconds that the client holds for the batch's height; undefined when it holds none. */
  readonly timestampSec: bigint | undefined;
}

/**
 * Runs the destination's own rules over a batch, message by message, as its transaction will.
 * @returns why the client would refuse it; undefined when it takes all of it
 */
export const refusalOf = (batch: Batch, client: ClientView): string | undefined => {
  const { state, timestampSec } = client;
  const transaction = createSnapshotClient({
    policy: state.verifiesOncePerTransaction ? solidityPolicy : deployedSolidityPolicy,
    clientState: state,
    consensusStates: timestampSec === undefined ? [] : [[batch.height, timestampSec]],
  }).beginTransaction();
  const { update, messages } = toMessages(batch);
  if (update !== undefined) {
    const verdict = transaction.updateClient(update);
    if (!verdict.ok) return `update of ${batch.clientId}: ${verdict.errorName ?? verdict.code}: ${verdict.message}`;
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
    if (!verdict.ok) return `${what}: ${verdict.errorName ?? verdict.code}: ${verdict.message}`;
    if (item.kind === 'timeout' && verdict.timestamp < item.packet.timeoutTimestampSec) {
      return `${what}: consensus time ${verdict.timestamp} is before the timeout ${item.packet.timeoutTimestampSec}`;
    }
  }
  return undefined;
};

import type { Signer } from '@interchain-attestation/chains';
import {
  type AttestationKind,
  recoverSigner,
  sha256,
  signingPreimage,
  utf8ToBytes,
} from '@interchain-attestation/core';
import type { Guard, GuardStatement } from '@interchain-attestation/guard';
import type { PinnedBlock } from './chain-state.ts';
import { AttestorError } from './errors.ts';
import type { AttestorEvent } from './event.ts';

/** Records, then signs. The only place that reaches the key. */
export interface StatementSigner {
  /** Why nothing is signed any more; undefined while signing goes on. */
  stopped(): AttestorError | undefined;
  /** Stops signing at once. */
  stop(error: AttestorError): void;
  /**
   * Makes the statement durable, then signs its encoded form.
   * @param pinned asked once the statement is durable: whether the chain it was read from is still the one that
   * everything recorded was compared with
   * @returns 65 bytes r || s || v
   * @throws AttestorError `attestor/conflict`, `attestor/stopped`, `attestor/disputed`, `attestor/below-floor`,
   * `attestor/guard-failed`, `attestor/signer-failed`, `attestor/chain-inconsistent`
   */
  sign(
    statement: GuardStatement,
    kind: AttestationKind,
    attestedData: Uint8Array,
    pinned: Pick<PinnedBlock, 'isCurrent' | 'renew'>,
  ): Promise<Uint8Array>;
}

/** Views built anew while one statement waits to be signed. */
const MAX_RENEWALS = 3;

export const stoppedError = (detail: string): AttestorError =>
  new AttestorError('attestor/stopped', `signing has stopped until an operator clears the guard: ${detail}`);

export const createStatementSigner = (
  guard: Guard,
  signer: Signer,
  emit: (event: AttestorEvent) => void,
): StatementSigner => {
  const { state, conflict } = guard.status();
  let stopped = state === 'ready' ? undefined : stoppedError(conflict?.detail ?? `the guard is ${state}`);

  const record = async (statement: GuardStatement): Promise<void> => {
    const { height } = statement.block;
    const startedMs = performance.now();
    let verdict: Awaited<ReturnType<Guard['record']>>;
    try {
      verdict = await guard.record(statement);
    } catch (cause) {
      // Whatever the guard throws: its file may not hold the statement, so nothing may be signed.
      emit({ type: 'guard-failed', error: cause });
      throw new AttestorError('attestor/guard-failed', 'the signing guard cannot record', { meta: { height }, cause });
    }
    emit({ type: 'recorded', durationMs: performance.now() - startedMs });
    if (verdict.ok) return;
    if (verdict.conflict !== undefined) {
      const { rule, detail, evidenceId } = verdict.conflict;
      stopped ??= stoppedError(detail);
      emit({ type: 'conflict', rule, detail, evidenceId });
      throw new AttestorError('attestor/conflict', detail, { meta: { height, rule, evidenceId } });
    }
    const { refused, detail } = verdict;
    switch (refused) {
      case 'stopped':
        stopped ??= stoppedError(detail);
        throw stopped;
      case 'below-floor':
        throw new AttestorError('attestor/below-floor', detail, { meta: { height } });
      case 'disputed-timeout':
      case 'cleared-record':
      case 'not-attestable':
        throw new AttestorError('attestor/disputed', detail, { meta: { height, refused } });
      default:
        throw new AttestorError('attestor/guard-failed', `the guard refuses: ${String(refused satisfies never)}`);
    }
  };

  return {
    stopped: () => stopped,
    stop(error) {
      stopped ??= error;
    },
    async sign(statement, kind, attestedData, pinned) {
      if (stopped !== undefined) throw stopped;
      await record(statement);
      for (let renewals = 0; stopped === undefined && !pinned.isCurrent(); renewals++) {
        if (renewals < MAX_RENEWALS && (await pinned.renew())) continue;
        const { height } = statement.block;
        throw new AttestorError('attestor/chain-inconsistent', `the chain changed while ${height} was recorded`, {
          meta: { height },
          retryable: true,
        });
      }
      // Another statement may have stopped the source while this one became durable.
      if (stopped !== undefined) throw stopped;
      try {
        const signature = await signer.signRecoverable(signingPreimage(kind, attestedData));
        emit({ type: 'signed', ok: true });
        return signature;
      } catch (cause) {
        emit({ type: 'signed', ok: false });
        throw new AttestorError('attestor/signer-failed', 'the signer does not sign', { retryable: true, cause });
      }
    },
  };
};

/**
 * Makes sure that the signer holds the key that it names, by a signature over bytes that are no attestation.
 * @throws AttestorError `attestor/wrong-signer`, `attestor/signer-failed`
 */
export const assertSigner = async (signer: Signer): Promise<void> => {
  // 33 bytes like a preimage, but with type tag 0, which no light client verifies.
  const message = new Uint8Array(33);
  message.set(sha256(utf8ToBytes('interchain attestation: signer check')), 1);
  let signature: Uint8Array;
  try {
    signature = await signer.signRecoverable(message);
  } catch (cause) {
    throw new AttestorError('attestor/signer-failed', 'the signer does not sign', { retryable: true, cause });
  }
  const recovered = recoverSigner(sha256(message), signature);
  if (recovered.ok && recovered.address === signer.address) return;
  throw new AttestorError('attestor/wrong-signer', `the signer of ${signer.address} signs with another key`, {
    meta: { expected: signer.address, got: recovered.ok ? recovered.address : recovered.fault },
  });
};

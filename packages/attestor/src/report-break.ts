import { isAttestationError } from '@interchain-attestation/core';
import type { Guard } from '@interchain-attestation/guard';
import type { CanonicityBreak } from './canonical-view.ts';
import { AttestorError } from './errors.ts';
import type { AttestorEvent } from './event.ts';
import { type StatementSigner, stoppedError } from './statement-signer.ts';

/** Stops the source because an attested block is no longer part of the chain, and keeps what the RPC said. */
export const reportBreak = async (
  { recorded, header, final }: CanonicityBreak,
  deps: {
    readonly guard: Guard;
    readonly signer: StatementSigner;
    /** Origin of the RPC. */
    readonly origin: string;
    readonly emit: (event: AttestorEvent) => void;
  },
): Promise<AttestorError> => {
  const { guard, signer, origin, emit } = deps;
  const detail =
    `block ${recorded.height} was attested as ${recorded.hash} at ${recorded.timestampSec}, the chain now has ` +
    `${header.hash} at ${header.timestampSec} there and ${final.height} final`;
  // In memory first: nothing is signed while the evidence becomes durable.
  const alreadyStopped = signer.stopped();
  signer.stop(stoppedError(detail));
  if (alreadyStopped !== undefined) return alreadyStopped;
  try {
    const conflict = await guard.reportConflict({
      rule: 'not-canonical',
      detail,
      block: header,
      answers: [
        {
          origin,
          answer: {
            height: String(header.height),
            hash: header.hash,
            parentHash: header.parentHash,
            timestampSec: String(header.timestampSec),
            finalHeight: String(final.height),
            finalHash: final.hash,
          },
        },
      ],
    });
    emit({ type: 'conflict', rule: conflict.rule, detail, evidenceId: conflict.evidenceId });
    return new AttestorError('attestor/conflict', detail, {
      meta: { height: recorded.height, rule: conflict.rule, evidenceId: conflict.evidenceId },
    });
  } catch (cause) {
    emit({ type: 'guard-failed', error: cause });
    return new AttestorError('attestor/conflict', detail, {
      meta: { height: recorded.height, ...(isAttestationError(cause) ? { fault: cause.code } : {}) },
      cause,
    });
  }
};

import type { Logger } from '@interchain-attestation/service';
import type { AttestorEvent } from './event.ts';
import { errorCode } from './metrics.ts';

/**
 * Writes what an operator has to know: an outage once when it begins and once when it is over, a conflict once. What
 * goes as it should is written at debug level.
 */
export const logEvents = (logger: Logger): ((event: AttestorEvent) => void) => {
  let outage: { readonly code: string; readonly sinceMs: number } | undefined;
  return (event) => {
    switch (event.type) {
      case 'read-failed': {
        const code = errorCode(event.error);
        // A stopped source reports its conflict on every look; that line was written when it happened.
        if (code === 'attestor/conflict' || code === 'attestor/stopped') return;
        if (outage?.code === code) return;
        outage = { code, sinceMs: outage?.sinceMs ?? performance.now() };
        logger.warn({ code, err: event.error }, 'the chain cannot be read: nothing new is attested until it can');
        return;
      }
      case 'final':
        if (outage === undefined) return;
        logger.info(
          { height: event.height, durationMs: Math.round(performance.now() - outage.sinceMs) },
          'the chain can be read again',
        );
        outage = undefined;
        return;
      case 'conflict':
        logger.error(
          { code: 'attestor/conflict', rule: event.rule, detail: event.detail, evidenceId: event.evidenceId },
          'signing has stopped: the chain contradicts what was attested; see attest guard status',
        );
        return;
      case 'guard-failed':
        logger.error({ err: event.error }, 'the signing guard cannot record: nothing is signed');
        return;
      case 'final-reorg':
        logger.warn({ height: event.height }, 'a final block was replaced; nothing that was attested is affected');
        return;
      case 'attested':
        if (logger.isLevelEnabled('debug')) {
          logger.debug({ kind: event.kind, height: event.height, packets: event.packets }, 'attested');
        }
        return;
      case 'signed':
        if (!event.ok) logger.warn('the signer does not sign');
        return;
      case 'started':
      case 'height-rejected':
      case 'commitment-rejected':
      case 'recorded':
      case 'answered-from-memory':
        return;
      default:
        event satisfies never;
    }
  };
};

import type { Logger } from '@interchain-attestation/service';
import type { AnswerReport } from '../attestors/report.ts';
import { describeLeftOut } from '../domain/item.ts';
import type { ProofApiEvent } from '../events.ts';

/** At most one line an attestor in this time: one that flips between answers must not fill the disk. */
const QUIET_MS = 10_000;

/** Outcomes that say nothing about how an attestor fares. */
const NEUTRAL: ReadonlySet<string> = new Set(['cancelled', 'not-final', 'duplicate-signer']);

interface Seen {
  outcome: string;
  atMs: number;
  /** Changes that were not written. */
  held: number;
}

/** Writes one line when an attestor begins or ceases to fail, not one an answer. */
const createAnswerLog = (logger: Logger, now: () => number): ((source: string, report: AnswerReport) => void) => {
  const seen = new Map<string, Seen>();
  return (source, report) => {
    if (NEUTRAL.has(report.outcome)) return;
    const key = JSON.stringify([source, report.attestor]);
    const last = seen.get(key) ?? { outcome: 'good', atMs: 0, held: 0 };
    if (last.outcome === report.outcome) return;
    if (now() - last.atMs < QUIET_MS) {
      seen.set(key, { ...last, held: last.held + 1 });
      return;
    }
    seen.set(key, { outcome: report.outcome, atMs: now(), held: 0 });
    const fields = { source, ...report, ...(last.held > 0 ? { unloggedChanges: last.held } : {}) };
    if (report.outcome === 'good') logger.info(fields, 'attestor answers well again');
    else logger.warn(fields, 'attestor gives no usable answer; others are asked at the same time');
  };
};

/** Passes at most once in {@link QUIET_MS}. */
const createLimit = (now: () => number): (() => boolean) => {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - last < QUIET_MS) return false;
    last = now();
    return true;
  };
};

/** Subscribes the log to what happens inside. */
export const createEventLog = (logger: Logger, now: () => number): ((event: ProofApiEvent) => void) => {
  const onAnswer = createAnswerLog(logger, now);
  const maySayLost = createLimit(now);
  return (event) => {
    switch (event.type) {
      case 'answer':
        onAnswer(event.source, event.report);
        break;
      case 'attestor-up':
        logger.info({ source: event.source, attestor: event.attestor }, 'attestor answers again');
        break;
      case 'attestor-down':
        logger.warn(
          { source: event.source, attestor: event.attestor },
          'attestor does not answer; it is probed from time to time, and the others are asked',
        );
        break;
      case 'attestor-height':
        break;
      case 'collected': {
        const { type: _, ...fields } = event;
        logger.debug(fields, 'attestors asked');
        break;
      }
      case 'left-out': {
        const { source, dest, clientId } = event;
        logger.info({ source, dest, clientId, leftOut: describeLeftOut(event.leftOut) }, 'packets left out');
        break;
      }
      case 'evidence': {
        const { id, verdict, source, dest, clientId, height, submittable, statements } = event.evidence;
        const signers = statements.map(({ signatures, matchesOwnReading }) => ({
          matchesOwnReading,
          signers: signatures.map(({ attestor, signer }) => `${attestor} ${signer}`),
        }));
        const fields = { id, verdict, source, dest, clientId, height, submittable, signers };
        return logger.error(fields, 'attestors contradict each other or this node; evidence is stored');
      }
      case 'evidence-lost': {
        if (!maySayLost()) break;
        const { id, verdict, clientId, height } = event.evidence;
        const fields = { id, verdict, clientId, height, reason: event.reason, err: event.error };
        logger.error(fields, 'evidence could not be stored');
        break;
      }
      case 'stopped': {
        const { type: _, ...fields } = event;
        logger.error(fields, 'client is no longer served until its dispute ends or an operator clears it');
        break;
      }
      case 'resumed': {
        const { type: _, ...fields } = event;
        logger.warn(fields, 'client is served again');
        break;
      }
      case 'chain-outage':
        return logger.warn({ chain: event.chain, err: event.error }, 'chain RPC gives no usable answer; watching on');
    }
  };
};

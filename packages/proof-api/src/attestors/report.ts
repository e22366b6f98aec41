import type { Address } from '@interchain-attestation/core';
import type { AnswerFault } from '../domain/judge.ts';
import type { Question } from '../domain/statement.ts';
import type { FailureKind } from './failure.ts';

/** How an attestor answered one question: for metrics and for people. */
export type AnswerOutcome = 'good' | 'contradicts' | AnswerFault | FailureKind | 'pending' | 'not-asked';

/** One attestor's answer to one question. */
export interface AnswerReport {
  readonly attestor: string;
  readonly address: string;
  readonly question: Question;
  readonly outcome: AnswerOutcome;
  readonly signer?: Address;
  readonly detail?: string;
}

const describe = ({ question, outcome, signer, detail }: AnswerReport): string =>
  [`${question}: ${outcome}`, signer === undefined ? '' : ` by ${signer}`, detail ? ` (${detail})` : ''].join('');

/** Who answered what, one attestor after the other, in one line; equal answers of one attestor are said once. */
export const describeReports = (reports: readonly AnswerReport[]): string => {
  const byAttestor = new Map<string, Set<string>>();
  for (const report of reports) {
    const name = `${report.attestor} at ${report.address}`;
    const lines = byAttestor.get(name) ?? new Set();
    byAttestor.set(name, lines.add(describe(report)));
  }
  return [...byAttestor].map(([name, lines]) => `${name}: ${[...lines].join(', ')}`).join('; ');
};

const DEPENDS_ON_HEIGHT: ReadonlySet<AnswerOutcome> = new Set([
  'good',
  'not-final',
  'refused',
  'packet-refused',
  'guard-conflict',
]);

/**
 * Whether a quorum may be had at another height: attestors, enough of them, are up and answered in a way that depends
 * on the height. With too many of them silent or faulty another try would only take its time.
 */
export const mayAgreeElsewhere = (reports: readonly AnswerReport[], minRequiredSigs: number): boolean => {
  const byAttestor = Map.groupBy(reports, ({ attestor }) => attestor);
  const able = [...byAttestor.values()].filter((each) => each.every(({ outcome }) => DEPENDS_ON_HEIGHT.has(outcome)));
  return able.length >= minRequiredSigs;
};

/**
 * Whether so many attestors refuse because of a packet that no quorum is left: then some packet among those asked for
 * is at fault, not the attestors' availability. One that fails on the state of the height too does not count.
 */
export const isPacketsFault = (reports: readonly AnswerReport[], minRequiredSigs: number): boolean => {
  const byAttestor = [...Map.groupBy(reports, ({ attestor }) => attestor).values()];
  const refusing = byAttestor.filter(
    (each) =>
      each.some(({ outcome }) => outcome === 'packet-refused') &&
      each.every(({ question, outcome }) => question !== 'state' || outcome === 'good' || outcome === 'pending'),
  );
  return byAttestor.length >= minRequiredSigs && refusing.length > byAttestor.length - minRequiredSigs;
};

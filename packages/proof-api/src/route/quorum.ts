import type { AttestorSet } from '@interchain-attestation/core';
import type { AskedAhead } from '../attestors/asked-ahead.ts';
import { type CollectOutcome, collect } from '../attestors/collect.ts';
import { type AnswerReport, describeReports, isPacketsFault } from '../attestors/report.ts';
import type { Statement } from '../domain/statement.ts';
import type { Tally } from '../domain/tally.ts';
import { ProofApiError, type ProofApiErrorCode } from '../errors.ts';
import type { EmitEvent } from '../events.ts';
import type { ClientRef } from '../evidence/evidence.ts';
import type { EvidenceRecorder } from '../evidence/recorder.ts';
import type { Source } from './source.ts';

export interface QuorumDeps {
  readonly source: Source;
  readonly recorder: EvidenceRecorder;
  readonly emit: EmitEvent;
  /** A second quorum turned up: the client's set contradicts itself. */
  readonly onTwoQuorums: (client: ClientRef, tally: Tally) => void;
}

/** Asks the attestors of a source for a client's quorum, and keeps what contradicts it. */
export const askQuorum = async (
  deps: QuorumDeps,
  client: ClientRef,
  set: AttestorSet,
  statements: readonly Statement[],
  finalityWaitMs: number,
  signal: AbortSignal,
  ahead?: AskedAhead,
): Promise<CollectOutcome> => {
  const { source, recorder, emit } = deps;
  const startedMs = performance.now();
  const observe = (tally: Tally): void => {
    if (recorder.observe(client, tally)) deps.onTwoQuorums(client, tally);
  };
  /** Also without a contradiction here: a later request may bring one for the same height. */
  const observeStates = (tallies: readonly Tally[]): void => {
    for (const tally of tallies) if (tally.statement.kind === 'state') observe(tally);
  };
  const outcome = await collect({
    statements,
    set,
    attestors: source.attestors,
    heads: source.heads,
    ahead,
    signal,
    finalityWaitMs,
    onAnswer: (report, durationMs) => emit({ type: 'answer', source: source.name, report, durationMs }),
    onContradiction: observe,
    onSettled: observeStates,
  });
  // Before anything is handed out: an earlier request may have brought a quorum for another time of that height.
  if (outcome.kind === 'quorum') observeStates(outcome.tallies);
  emit({ type: 'collected', ...client, outcome: outcome.kind, durationMs: performance.now() - startedMs });
  return outcome;
};

/** The error behind a collection without a quorum: it says who answered what. */
export const quorumError = (
  client: ClientRef,
  kind: 'not-final' | 'not-reached',
  height: bigint,
  set: AttestorSet,
  reports: readonly AnswerReport[],
): ProofApiError => {
  const needed = `${set.minRequiredSigs} of ${set.attestors.length}`;
  const who = describeReports(reports);
  const meta = { ...client, height, required: set.minRequiredSigs };
  const fail = (code: ProofApiErrorCode, what: string, retryable: boolean): ProofApiError =>
    new ProofApiError(code, `${what}: ${who}`, { meta, retryable });
  if (kind === 'not-final') {
    return fail('proof-api/not-final', `height ${height} is not final yet for ${needed} attestors`, true);
  }
  return isPacketsFault(reports, set.minRequiredSigs)
    ? fail('proof-api/packets-refused', 'attestors refuse at least one of the packets', false)
    : fail('proof-api/quorum-not-reached', `no ${needed} attestors agree on height ${height}`, true);
};

import type { AnswerReport } from './attestors/report.ts';
import type { LeftOut } from './domain/item.ts';
import type { Evidence } from './evidence/evidence.ts';

/** Why proofs are no longer handed out for a client. */
export type StopReason =
  /** Enough attestors for a quorum signed something else than what this proof API reads. */
  | 'quorum-against-own-reading'
  /** Two contradicting statements each have a quorum. */
  | 'two-quorums'
  /** The client holds another time for the height than this proof API reads. */
  | 'client-against-own-reading';

/** What happens inside, for metrics and logs. */
export type ProofApiEvent =
  | { readonly type: 'answer'; readonly source: string; readonly report: AnswerReport; readonly durationMs: number }
  /** Its circuit opened, or closed again. */
  | { readonly type: 'attestor-up' | 'attestor-down'; readonly source: string; readonly attestor: string }
  | { readonly type: 'attestor-height'; readonly source: string; readonly attestor: string; readonly height: bigint }
  | {
      readonly type: 'collected';
      readonly source: string;
      readonly dest: string;
      readonly clientId: string;
      readonly outcome: 'quorum' | 'contradicted' | 'not-final' | 'not-reached' | 'cancelled';
      readonly durationMs: number;
    }
  | {
      readonly type: 'left-out';
      readonly source: string;
      readonly dest: string;
      readonly clientId: string;
      readonly leftOut: readonly LeftOut[];
    }
  | { readonly type: 'evidence'; readonly evidence: Evidence }
  | {
      readonly type: 'evidence-lost';
      readonly evidence: Evidence;
      readonly reason: 'limit' | 'store-failed';
      readonly error?: unknown;
    }
  | {
      readonly type: 'stopped';
      readonly source: string;
      readonly dest: string;
      readonly clientId: string;
      readonly reason: StopReason;
      readonly detail: string;
      /** The client was stopped already, for another reason. */
      readonly replaces: boolean;
    }
  | {
      readonly type: 'resumed';
      readonly source: string;
      readonly dest: string;
      readonly clientId: string;
      readonly reason: StopReason;
      readonly detail: string;
    }
  | { readonly type: 'chain-outage'; readonly chain: string; readonly error: Error };

export type EmitEvent = (event: ProofApiEvent) => void;

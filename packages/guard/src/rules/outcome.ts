import type { ConflictRule, GuardRefusal } from '../statement.ts';

/** A rule that a statement broke, before it is known whether that stops the source. */
export interface Contradiction {
  readonly kind: 'contradiction';
  readonly rule: ConflictRule;
  readonly detail: string;
  /** Height of the record it contradicts: one that an operator put aside does not stop the source. */
  readonly recordHeight: bigint;
  /** The record and the claim, for the evidence. */
  readonly data: Readonly<Record<string, string>>;
}

/** A statement that is not signed, without accusing anybody. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly reason: GuardRefusal;
  readonly detail: string;
}

/** Why a statement may not be signed. */
export type Objection = Contradiction | Refusal;

export const refusal = (reason: GuardRefusal, detail: string): Refusal => ({ kind: 'refusal', reason, detail });

import type { AttestorSet } from '@interchain-attestation/core';
import type { Statement } from '../domain/statement.ts';
import { Tally } from '../domain/tally.ts';
import type { AskedAhead } from './asked-ahead.ts';
import type { Attestor } from './attestor.ts';
import type { Heads } from './heads.ts';
import type { AnswerOutcome, AnswerReport } from './report.ts';

export interface CollectRequest {
  readonly statements: readonly Statement[];
  /** The set that the destination's client holds. */
  readonly set: AttestorSet;
  readonly attestors: readonly Attestor[];
  readonly heads: Heads;
  /** Questions that are under way already. */
  readonly ahead?: AskedAhead | undefined;
  /** The caller's: ends everything as long as there is no quorum. */
  readonly signal: AbortSignal;
  /** How long attestors that say "not final yet" are asked again. */
  readonly finalityWaitMs: number;
  /** Each answer as it arrives, also after the quorum. */
  readonly onAnswer?: (report: AnswerReport, durationMs: number) => void;
  /** At each answer that contradicts the own reading, and once more when the last answer has come. */
  readonly onContradiction?: (tally: Tally) => void;
  /** When no call is under way any more; bounded by the time-out of a call. */
  readonly onSettled?: (tallies: readonly Tally[]) => void;
}

/** How collecting ended: a value, since none of it is an error of this code. */
export type CollectOutcome =
  | { readonly kind: 'quorum'; readonly tallies: readonly Tally[] }
  /** Members of the set, enough for a quorum, signed something else. */
  | { readonly kind: 'contradicted'; readonly tally: Tally; readonly reports: readonly AnswerReport[] }
  /** Would be a quorum once more attestors call the height final. */
  | { readonly kind: 'not-final'; readonly reports: readonly AnswerReport[] }
  | { readonly kind: 'not-reached'; readonly reports: readonly AnswerReport[] }
  | { readonly kind: 'cancelled' };

interface Slot {
  readonly tally: Tally;
  readonly attestor: Attestor;
  outcome: AnswerOutcome;
  detail?: string;
  signer?: AnswerReport['signer'];
}

/** Waits between repeated questions to an attestor that says "not final yet", in ms; a new block cuts them short. */
const AGAIN_MS = [25, 50, 100, 200, 400] as const;

const toReport = ({ tally, attestor, outcome, detail, signer }: Slot): AnswerReport => ({
  attestor: attestor.name,
  address: attestor.address,
  question: tally.statement.question,
  outcome,
  ...(detail === undefined ? {} : { detail }),
  ...(signer === undefined ? {} : { signer }),
});

/** Those whose circuit is closed or due for a probe; everybody when these are too few for a quorum. */
const whomToAsk = (attestors: readonly Attestor[], m: number): ReadonlySet<Attestor> => {
  const passing = new Set(attestors.filter(({ breaker }) => breaker.tryPass()));
  return passing.size >= m ? passing : new Set(attestors);
};

class Collection {
  readonly #request: CollectRequest;
  readonly #tallies: readonly Tally[];
  readonly #slots: readonly Slot[];
  readonly #slotsOf: ReadonlyMap<Tally, readonly Slot[]>;
  /** Ends waiting: for a slot, for the next block. */
  readonly #waiting = new AbortController();
  /** Cancels calls that are under way. */
  readonly #calling = new AbortController();
  /** Ends asking again. */
  readonly #window = new AbortController();
  readonly #resolve: (outcome: CollectOutcome) => void;
  #over = false;

  constructor(request: CollectRequest, resolve: (outcome: CollectOutcome) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#tallies = request.statements.map((statement) => new Tally(statement, request.set));
    this.#slots = request.attestors.flatMap((attestor) =>
      this.#tallies.map((tally): Slot => ({ tally, attestor, outcome: 'not-asked' })),
    );
    this.#slotsOf = Map.groupBy(this.#slots, ({ tally }) => tally);
  }

  run(): void {
    const { signal, finalityWaitMs, onSettled, onContradiction } = this.#request;
    if (signal.aborted) {
      this.#cancel();
      return;
    }
    const onAbort = (): void => this.#cancel();
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => this.#closeWindow(), finalityWaitMs);
    this.#waiting.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    });
    const jobs = this.#choose().map((slot) => this.#askUntilAnswered(slot));
    this.#evaluate();
    void Promise.allSettled(jobs).then(() => {
      for (const tally of this.#tallies) if (tally.rivals.length > 0) onContradiction?.(tally);
      onSettled?.(this.#tallies);
    });
  }

  /** Whom to ask; only now, since a breaker that lets a probe pass waits for how it ends. */
  #choose(): readonly Slot[] {
    if (this.#slots.length === 0) return [];
    const asked = whomToAsk(this.#request.attestors, this.#request.set.minRequiredSigs);
    const chosen = this.#slots.filter(({ attestor }) => asked.has(attestor));
    for (const slot of chosen) slot.outcome = 'pending';
    return chosen;
  }

  async #askUntilAnswered(slot: Slot): Promise<void> {
    for (let attempt = 0; ; ) {
      const startedMs = performance.now();
      const { statement } = slot.tally;
      const signals = [this.#waiting.signal, this.#calling.signal] as const;
      const result = await (this.#request.ahead?.take(slot.attestor, statement, ...signals) ??
        slot.attestor.ask(statement, ...signals));
      if (result.ok) {
        const judgement = slot.tally.add(slot.attestor.name, result.answer);
        slot.outcome = judgement.verdict === 'dropped' ? judgement.fault : judgement.verdict;
        slot.signer = judgement.signer;
        if (slot.outcome === 'duplicate-signer' && judgement.signer !== undefined) {
          slot.detail = `the same signature came through ${slot.tally.deliveredBy(judgement.signer) ?? 'another answer'}`;
        }
      } else {
        slot.outcome = result.failure.kind;
        slot.detail = result.failure.detail;
      }
      this.#request.onAnswer?.(toReport(slot), performance.now() - startedMs);
      if (slot.outcome === 'contradicts') this.#request.onContradiction?.(slot.tally);
      if (slot.outcome !== 'not-final' || this.#over || this.#window.signal.aborted) break;
      this.#evaluate();
      const wait = AGAIN_MS[Math.min(attempt, AGAIN_MS.length - 1)] ?? 0;
      const head = await this.#request.heads.next(wait, this.#window.signal);
      attempt = head ? 0 : attempt + 1;
      if (this.#over || this.#window.signal.aborted) break;
      slot.outcome = 'pending';
    }
    this.#evaluate();
  }

  /** Ends the collection as soon as it is decided, one way or the other. */
  #evaluate(): void {
    if (this.#over) return;
    const contradicted = this.#tallies.find(({ rivalQuorum }) => rivalQuorum !== undefined);
    if (contradicted !== undefined) {
      this.#end({ kind: 'contradicted', tally: contradicted, reports: this.#reports() });
    } else if (this.#tallies.every(({ reached }) => reached)) {
      this.#end({ kind: 'quorum', tallies: this.#tallies });
    } else {
      const hopeless = this.#tallies.find((tally) => !this.#mayReach(tally));
      if (hopeless === undefined) return;
      const kind = this.#wouldReachWhenFinal() ? 'not-final' : 'not-reached';
      this.#calling.abort();
      this.#end({ kind, reports: this.#reports() });
    }
  }

  /** Whether waiting can still bring a quorum, be it one against the own reading. */
  #mayReach(tally: Tally): boolean {
    const again = this.#window.signal.aborted ? 0 : this.#count(tally, 'not-final');
    const most = Math.max(tally.goodCount, ...tally.rivals.map(({ signatures }) => signatures.length));
    return most + this.#count(tally, 'pending') + again >= tally.set.minRequiredSigs;
  }

  #wouldReachWhenFinal(): boolean {
    return this.#tallies.every(
      (tally) =>
        tally.goodCount + this.#count(tally, 'pending') + this.#count(tally, 'not-final') >= tally.set.minRequiredSigs,
    );
  }

  #count(tally: Tally, outcome: AnswerOutcome): number {
    return (this.#slotsOf.get(tally) ?? []).reduce((sum, slot) => sum + (slot.outcome === outcome ? 1 : 0), 0);
  }

  #reports(): readonly AnswerReport[] {
    return this.#slots.map(toReport);
  }

  #closeWindow(): void {
    this.#window.abort();
    this.#evaluate();
  }

  #cancel(): void {
    this.#calling.abort();
    this.#end({ kind: 'cancelled' });
  }

  #end(outcome: CollectOutcome): void {
    if (this.#over) return;
    this.#over = true;
    this.#waiting.abort();
    this.#window.abort();
    this.#resolve(outcome);
  }
}

/**
 * Asks all attestors for all statements at once and ends at the m-th good answer of the last statement, or as soon as
 * that has become impossible. Calls that are under way then go on in the background, up to their time-out, only to
 * find out who contradicts whom.
 */
export const collect = (request: CollectRequest): Promise<CollectOutcome> =>
  new Promise((resolve) => new Collection(request, resolve).run());

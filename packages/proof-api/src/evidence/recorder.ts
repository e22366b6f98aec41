import type { AttestorSet } from '@interchain-attestation/core';
import type { SignedGroup, Tally } from '../domain/tally.ts';
import { type ClientRef, type Evidence, toEvidence } from './evidence.ts';
import { StateLedger } from './ledger.ts';
import type { EvidenceStore } from './store.ts';

/** Pieces of evidence kept in all, and of a minority: a liar must not fill the disk, nor crowd out what matters. */
const MAX_TOTAL = 2_000;
const MAX_MINORITY = 500;
/** Pieces of the same gravity against the same signers of a client: whoever repeats himself proves nothing new. */
const MAX_ALIKE = 20;
/** Pieces in all once {@link MAX_TOTAL} is reached: then only the first grave one of a client is taken. */
const MAX_FIRST = 10_000;

export interface RecorderDeps {
  readonly store: EvidenceStore;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Evidence that is new or has grown, after it was stored. */
  readonly onEvidence: (evidence: Evidence) => void;
  /** Evidence that could not be kept. */
  readonly onLost: (evidence: Evidence, reason: 'limit' | 'store-failed', error?: unknown) => void;
}

const clientKey = ({ source, dest, clientId }: ClientRef): string => JSON.stringify([source, dest, clientId]);

/** What members of a set signed: a client's set may have been another when the rest was signed. */
const ofMembers = (groups: readonly SignedGroup[], set: AttestorSet): readonly SignedGroup[] =>
  groups
    .map(({ data, signatures }) => ({
      data,
      signatures: signatures.filter(({ signer }) => set.indexOf(signer) !== undefined),
    }))
    .filter(({ signatures }) => signatures.length > 0);

const sizeOf = (evidence: Evidence): number =>
  evidence.statements.reduce((sum, { signatures }) => sum + signatures.length, evidence.statements.length);

/** Groups evidence that says the same: grave ones by client, others by who deviates from the own reading too. */
const alikeKey = ({ source, dest, clientId, verdict, statements }: Evidence): string => {
  const deviating = statements.filter(({ matchesOwnReading }) => !matchesOwnReading);
  const signers = new Set(deviating.flatMap(({ signatures }) => signatures.map(({ signer }) => signer)));
  return JSON.stringify([source, dest, clientId, verdict, ...(verdict === 'minority' ? [...signers].toSorted() : [])]);
};

/** Turns answers into evidence, remembers what was signed before, and stores what is new. */
export class EvidenceRecorder {
  readonly #deps: RecorderDeps;
  readonly #ledger = new StateLedger();
  /** What is stored, without its content: id, weight, whether of a minority, when first seen. */
  readonly #known = new Map<string, { size: number; minority: boolean; firstSeen: string; alike: string }>();
  readonly #alike = new Map<string, number>();
  #saving: Promise<void>;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#saving = deps.store.list().then(
      (all) => {
        for (const evidence of all) this.#remember(evidence);
      },
      () => {},
    );
  }

  /**
   * Looks at the answers to one statement; stores evidence when members of the set contradict each other.
   * @param confirmed the own reading was repeated and still differs from theirs: that is evidence too
   * @returns true when two contradicting statements, over all requests, have a quorum each
   */
  observe(client: ClientRef, tally: Tally, confirmed = false): boolean {
    const own: SignedGroup[] = tally.goodCount > 0 ? [{ data: tally.statement.data, signatures: tally.good }] : [];
    const heard = [...own, ...tally.rivals];
    const { kind, height } = tally.statement;
    const known = kind === 'state' ? this.#ledger.add(clientKey(client), height, heard) : heard;
    const groups = ofMembers(known, tally.set);
    if (groups.length < 2 && !(confirmed && tally.rivals.length > 0)) return false;
    this.#saving = this.#saving.then(() => this.#save(client, tally, groups));
    return groups.filter(({ signatures }) => signatures.length >= tally.set.minRequiredSigs).length > 1;
  }

  /** An operator has seen the evidence of a client and lets it go on: what is stored stays, the past is not held up. */
  forgive(client: ClientRef): void {
    this.#ledger.forget(clientKey(client));
  }

  /** Resolves when all evidence so far is stored. */
  flush(): Promise<void> {
    return this.#saving;
  }

  async #save(client: ClientRef, tally: Tally, groups: readonly SignedGroup[]): Promise<void> {
    const draft = toEvidence({ client, tally, groups }, new Date(this.#deps.now()));
    const known = this.#known.get(draft.id);
    const evidence = known === undefined ? draft : { ...draft, firstSeen: known.firstSeen };
    if (known !== undefined && known.size >= sizeOf(evidence)) return;
    if (known === undefined && this.#isFull(evidence)) return this.#deps.onLost(evidence, 'limit');
    try {
      await this.#deps.store.save(evidence);
      this.#remember(evidence);
      this.#deps.onEvidence(evidence);
    } catch (error) {
      this.#deps.onLost(evidence, 'store-failed', error);
    }
  }

  #isFull(evidence: Evidence): boolean {
    const { verdict } = evidence;
    const alike = this.#alike.get(alikeKey(evidence)) ?? 0;
    if (alike >= MAX_ALIKE) return true;
    if (this.#known.size >= MAX_TOTAL) return verdict === 'minority' || alike > 0 || this.#known.size >= MAX_FIRST;
    if (verdict !== 'minority') return false;
    let minorities = 0;
    for (const { minority } of this.#known.values()) if (minority) minorities += 1;
    return minorities >= MAX_MINORITY;
  }

  #remember(evidence: Evidence): void {
    const { id, verdict, firstSeen } = evidence;
    const alike = alikeKey(evidence);
    const before = this.#known.get(id)?.alike;
    if (before !== undefined) this.#alike.set(before, (this.#alike.get(before) ?? 1) - 1);
    this.#alike.set(alike, (this.#alike.get(alike) ?? 0) + 1);
    this.#known.set(id, { size: sizeOf(evidence), minority: verdict === 'minority', firstSeen, alike });
  }
}

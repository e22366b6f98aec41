import type { SignedGroup, Tally } from '../domain/tally.ts';
import { type ClientRef, type Evidence, toEvidence } from './evidence.ts';
import { StateLedger } from './ledger.ts';
import type { EvidenceStore } from './store.ts';

/** Pieces of evidence kept in all, and of a minority: a liar must not fill the disk, nor crowd out what matters. */
const MAX_TOTAL = 2_000;
const MAX_MINORITY = 500;

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

const sizeOf = (evidence: Evidence): number =>
  evidence.statements.reduce((sum, { signatures }) => sum + signatures.length, evidence.statements.length);

/** Turns answers into evidence, remembers what was signed before, and stores what is new. */
export class EvidenceRecorder {
  readonly #deps: RecorderDeps;
  readonly #ledger = new StateLedger();
  /** What is stored, without its content: id, weight, whether of a minority, when first seen. */
  readonly #known = new Map<string, { size: number; minority: boolean; firstSeen: string }>();
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
   */
  observe(client: ClientRef, tally: Tally, confirmed = false): void {
    const own: SignedGroup[] = tally.goodCount > 0 ? [{ data: tally.statement.data, signatures: tally.good }] : [];
    const heard = [...own, ...tally.rivals];
    const { kind, height } = tally.statement;
    const groups = kind === 'state' ? this.#ledger.add(clientKey(client), height, heard) : heard;
    if (groups.length < 2 && !(confirmed && tally.rivals.length > 0)) return;
    this.#saving = this.#saving.then(() => this.#save(client, tally, groups));
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

  #isFull({ verdict }: Evidence): boolean {
    if (this.#known.size >= MAX_TOTAL) return true;
    if (verdict !== 'minority') return false;
    let minorities = 0;
    for (const { minority } of this.#known.values()) if (minority) minorities += 1;
    return minorities >= MAX_MINORITY;
  }

  #remember(evidence: Evidence): void {
    const { id, verdict, firstSeen } = evidence;
    this.#known.set(id, { size: sizeOf(evidence), minority: verdict === 'minority', firstSeen });
  }
}

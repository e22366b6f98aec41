import { type Address, type AttestorSet, bytesToHex, type Hex } from '@interchain-attestation/core';
import { type Judgement, judgeAnswer, type RawAnswer } from './judge.ts';
import type { Statement } from './statement.ts';

/** A signature of a member of the set, and through whom it came. */
export interface SignedBy {
  readonly signer: Address;
  /** Name of the attestor that delivered it. */
  readonly attestor: string;
  readonly signature: Uint8Array;
}

/** Members of the set that signed the same bytes. */
export interface SignedGroup {
  readonly data: Uint8Array;
  readonly signatures: readonly SignedBy[];
}

/**
 * Counts answers to one statement. Good ones are kept in the order of arrival and never more than m are used; a rival
 * group is never resolved, only shown. Holds at most one answer an attestor, so it cannot grow.
 */
export class Tally {
  readonly statement: Statement;
  readonly set: AttestorSet;
  readonly #good = new Map<Address, SignedBy>();
  readonly #rivals = new Map<Hex, { data: Uint8Array; signatures: Map<Address, SignedBy> }>();
  readonly #answered = new Set<string>();

  constructor(statement: Statement, set: AttestorSet) {
    this.statement = statement;
    this.set = set;
  }

  /** Judges and counts an answer; a second answer of the same attestor is dropped as a duplicate. */
  add(attestor: string, answer: RawAnswer): Judgement {
    const judgement = judgeAnswer(this.statement, this.set, answer);
    if (judgement.verdict === 'dropped') return judgement;
    const { signer } = judgement;
    const entry: SignedBy = { signer, attestor, signature: answer.signature };
    const group = judgement.verdict === 'good' ? this.#good : this.#rivalGroup(answer.attestedData);
    if (this.#answered.has(attestor) || group.has(signer)) {
      return { verdict: 'dropped', fault: 'duplicate-signer', signer };
    }
    this.#answered.add(attestor);
    group.set(signer, entry);
    return judgement;
  }

  /** Signatures that count so far, in the order of arrival. */
  get good(): readonly SignedBy[] {
    return [...this.#good.values()];
  }

  get goodCount(): number {
    return this.#good.size;
  }

  get reached(): boolean {
    return this.#good.size >= this.set.minRequiredSigs;
  }

  /** Exactly m signatures: one more would cost gas, and one too few is no proof. */
  get quorum(): readonly SignedBy[] {
    return this.good.slice(0, this.set.minRequiredSigs);
  }

  /** What else members of the set signed about the same thing, by the bytes they signed. */
  get rivals(): readonly SignedGroup[] {
    return [...this.#rivals.values()].map(({ data, signatures }) => ({ data, signatures: [...signatures.values()] }));
  }

  /** A rival group large enough that the client would accept it. */
  get rivalQuorum(): SignedGroup | undefined {
    return this.rivals.find(({ signatures }) => signatures.length >= this.set.minRequiredSigs);
  }

  /** Through whom this signer's good signature came first. */
  deliveredBy(signer: Address): string | undefined {
    return this.#good.get(signer)?.attestor;
  }

  #rivalGroup(data: Uint8Array): Map<Address, SignedBy> {
    const key = bytesToHex(data);
    const group = this.#rivals.get(key) ?? { data, signatures: new Map<Address, SignedBy>() };
    this.#rivals.set(key, group);
    return group.signatures;
  }
}

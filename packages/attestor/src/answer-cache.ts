import { hash } from 'node:crypto';
import type { CommitmentQuestion } from './packet-request.ts';

/** A signed statement as it goes out. */
export interface SignedAnswer {
  readonly height: bigint;
  /** Unix seconds; only for a state. */
  readonly timestamp?: bigint;
  readonly attestedData: Uint8Array;
  readonly signature: Uint8Array;
}

/** Tag bytes of the questions; part of the key, so that one kind of answer can never stand in for another. */
const TAGS: Readonly<Record<CommitmentQuestion, number>> = { packet: 1, acknowledgement: 2, receipt: 3 };

/** Key of a state attestation. */
export const stateKey = (height: bigint): string => `state/${height}`;

/** Requests are framed here to be hashed: one buffer, since a new one for each costs more than the hash. */
let scratch = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Key of a packet attestation: a digest over the question, the height and every packet with its length before it, so
 * that no two requests share one (peers.md #4).
 */
export const packetKey = (question: CommitmentQuestion, height: bigint, encoded: readonly Uint8Array[]): string => {
  const bytes = encoded.reduce((sum, data) => sum + 4 + data.length, 13);
  if (bytes > scratch.length) scratch = Buffer.allocUnsafeSlow(bytes);
  const framed = scratch.subarray(0, bytes);
  framed[0] = TAGS[question];
  framed.writeBigUInt64BE(height, 1);
  framed.writeUInt32BE(encoded.length, 9);
  let at = 13;
  for (const data of encoded) {
    framed.writeUInt32BE(data.length, at);
    framed.set(data, at + 4);
    at += 4 + data.length;
  }
  return hash('sha256', framed, 'base64');
};

/** The answers given last, up to a number of them. */
export class AnswerCache {
  readonly #maxAnswers: number;
  readonly #answers = new Map<string, SignedAnswer>();

  constructor(maxAnswers: number) {
    this.#maxAnswers = maxAnswers;
  }

  get size(): number {
    return this.#answers.size;
  }

  get(key: string): SignedAnswer | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined) return undefined;
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    return answer;
  }

  set(key: string, answer: SignedAnswer): void {
    if (this.#maxAnswers === 0) return;
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    if (this.#answers.size <= this.#maxAnswers) return;
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined) this.#answers.delete(oldest);
  }
}

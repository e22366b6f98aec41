import { hash } from 'node:crypto';
import type { EncodedMessage } from '@interchain-attestation/service';
import type { CommitmentQuestion } from './packet-request.ts';

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

/** What an answer takes besides its own bytes: key, entry, object. About, to bound memory. */
const OVERHEAD_BYTES = 400;

const weightOf = (answer: EncodedMessage): number => answer.frame.length + OVERHEAD_BYTES;

/** The answers given last, as they go out, up to a number and a size of them. */
export class AnswerCache {
  readonly #maxAnswers: number;
  readonly #maxBytes: number;
  readonly #answers = new Map<string, EncodedMessage>();
  #bytes = 0;

  constructor(maxAnswers: number, maxBytes: number) {
    this.#maxAnswers = maxAnswers;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#answers.size;
  }

  get(key: string): EncodedMessage | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined) return undefined;
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    return answer;
  }

  set(key: string, answer: EncodedMessage): void {
    this.#drop(key);
    if (weightOf(answer) > this.#maxBytes) return;
    this.#answers.set(key, answer);
    this.#bytes += weightOf(answer);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= this.#maxAnswers && this.#bytes <= this.#maxBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const answer = this.#answers.get(key);
    if (answer === undefined) return;
    this.#answers.delete(key);
    this.#bytes -= weightOf(answer);
  }
}

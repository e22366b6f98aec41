import {
  type Address,
  type AttestorSet,
  decodePacketAttestation,
  decodeStateAttestation,
  equalBytes,
  type PacketAttestation,
  recoverSigner,
  type SignatureFault,
  signingDigest,
} from '@interchain-attestation/core';
import type { Statement } from './statement.ts';

/** What an attestor sent, before anything about it is believed. */
export interface RawAnswer {
  readonly height: bigint;
  readonly attestedData: Uint8Array;
  readonly signature: Uint8Array;
}

/** Why an answer does not count. */
export type AnswerFault =
  /** No attestation, or one that no encoder makes. */
  | 'malformed'
  /** Well formed, but about something that was not asked. */
  | 'wrong-statement'
  | 'unknown-signer'
  | 'duplicate-signer'
  | `signature-${SignatureFault}`;

/** Verdict on one answer. */
export type Judgement =
  | { readonly verdict: 'good'; readonly signer: Address }
  /** A member of the set signed something else about the very same thing. */
  | { readonly verdict: 'contradicts'; readonly signer: Address }
  | { readonly verdict: 'dropped'; readonly fault: AnswerFault; readonly signer?: Address };

const dropped = (fault: AnswerFault, signer?: Address): Judgement =>
  signer === undefined ? { verdict: 'dropped', fault } : { verdict: 'dropped', fault, signer };

const overlaps = (expected: PacketAttestation, got: PacketAttestation): boolean =>
  got.packets.some((entry) =>
    expected.packets.some((own) => equalBytes(own.path, entry.path) && !equalBytes(own.commitment, entry.commitment)),
  );

/**
 * Whether `data` says something else about what `statement` speaks of: the same height with another time, or the same
 * path with another commitment. A true statement about other paths or another height, which anybody can replay, is not
 * a contradiction, and must never count as one.
 * @returns undefined when the bytes are no attestation at all
 */
const contradicts = (statement: Statement, data: Uint8Array): boolean | undefined => {
  // Honest answers have exactly the expected size; anything else is not even decoded.
  if (data.length !== statement.data.length) return undefined;
  try {
    if (statement.kind === 'state') return decodeStateAttestation(data).height === statement.height;
    const got = decodePacketAttestation(data);
    return got.height === statement.height && overlaps(decodePacketAttestation(statement.data), got);
  } catch {
    return undefined;
  }
};

/**
 * Judges one answer on arrival: the exact bytes, then the signature over them, then the signer's membership in the set
 * that the destination's client holds. Duplicates are the business of the tally, which knows the other answers.
 */
export const judgeAnswer = (statement: Statement, set: AttestorSet, answer: RawAnswer): Judgement => {
  const same = equalBytes(answer.attestedData, statement.data);
  const rival = same ? false : contradicts(statement, answer.attestedData);
  if (rival === undefined || answer.height !== statement.height) return dropped('malformed');
  const digest = same ? statement.digest : signingDigest(statement.kind, answer.attestedData);
  const recovered = recoverSigner(digest, answer.signature);
  if (!recovered.ok) return dropped(`signature-${recovered.fault}`);
  const signer = recovered.address;
  if (set.indexOf(signer) === undefined) return dropped('unknown-signer', signer);
  if (same) return { verdict: 'good', signer };
  return rival ? { verdict: 'contradicts', signer } : dropped('wrong-statement', signer);
};

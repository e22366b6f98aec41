import type { AttestationProof } from '@interchain-attestation/core';
import type { Random } from './random.ts';
import type { Key } from './signatures.ts';

/** A client that calls are generated for. */
export interface Subject {
  readonly keys: readonly Key[];
  readonly minRequiredSigs: number;
  /** Heights that may have a consensus state. */
  readonly known: readonly bigint[];
  /** Heights that have none. */
  readonly unknown: readonly bigint[];
  /** What the client holds for a height, in seconds; undefined when nothing, or no whole seconds. */
  timestampSecAt(height: bigint): bigint | undefined;
}

/** How proofs travel to the kind of client that is compared. */
export interface Dialect {
  /** The canonical envelope. */
  encode(proof: AttestationProof): Uint8Array;
  /** Most times the canonical envelope; else another spelling of it, or a damaged one. */
  seal(random: Random, proof: AttestationProof): Uint8Array;
  /** Proofs may be empty where an earlier one of the same transaction covers them. */
  readonly emptyFollowUpProofs: boolean;
}

/** The highest height and timestamp there are. */
export const MAX: bigint = 2n ** 64n - 1n;

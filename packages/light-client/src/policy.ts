import type {
  AttestationProof,
  PacketAttestationView,
  SignatureRules,
  StateAttestation,
} from '@interchain-attestation/core';
import type { StateCodec } from './state.ts';
import type { ChainError, Fault } from './verdict.ts';

/** Checks that every call may make. Each check is one function of `checks.ts`. */
export type CommonCheck = 'not-frozen' | 'authorized' | 'decode-proof' | 'signatures';

/** Checks of an update, and of evidence. */
export type UpdateCheck = CommonCheck | 'decode-state' | 'state-nonzero' | 'unsupported';

/** Checks of a membership or non-membership proof. */
export type ProofCheck =
  | CommonCheck
  | 'value-present'
  | 'path-length'
  | 'consensus-state'
  /** Decides an empty proof from what the transaction verified before, and ends the run. */
  | 'verified-here'
  | 'decode-packets'
  | 'height'
  | 'packets-present'
  | 'decode-value'
  | 'scan';

/** What is checked of a recovered signer. */
export type SignerCheck = 'known' | 'distinct';

/**
 * The rules of one kind of on-chain client, declared: which checks, in which order, with which decoders and limits. The
 * state machine holds no rule of its own, so a client of another chain is another value of this type. Source: wire
 * format, section 3.
 */
export interface Policy {
  readonly name: string;
  /** Turns an attested timestamp (seconds) into the unit that consensus states are kept in. */
  toConsensusTimestamp(timestampSec: bigint): bigint;
  /** A consensus state with timestamp zero is as good as none: contract storage cannot tell them apart. */
  readonly zeroTimestampIsUnset: boolean;
  /** Largest quorum that the chain's integer holds. */
  readonly maxQuorum: number;
  /** Checks in their order: the first that fails decides which error is reported. */
  readonly order: {
    readonly update: readonly UpdateCheck[];
    readonly misbehaviour: readonly UpdateCheck[];
    readonly membership: readonly ProofCheck[];
    readonly nonMembership: readonly ProofCheck[];
  };
  /** All of them read in place; none may copy the entries. */
  readonly decode: {
    /** @throws CoreError when the bytes are not a proof */
    proof(bytes: Uint8Array): AttestationProof;
    /** @throws CoreError when the bytes are not a state attestation */
    state(bytes: Uint8Array): StateAttestation;
    /** @throws CoreError when the bytes are not a packet attestation */
    packets(bytes: Uint8Array): PacketAttestationView;
    /** The 32-byte commitment in a membership value; undefined when it holds none. */
    value(bytes: Uint8Array): Uint8Array | undefined;
  };
  readonly signatures: {
    readonly rules: SignatureRules;
    /** Checked of each signature as soon as it is recovered, in this order. */
    readonly signerChecks: readonly SignerCheck[];
  };
  /** Which of several entries for one path decides about an absence: the first, or every one of them. */
  readonly absenceDecidedBy: 'first-match' | 'every-match';
  /** What an update for a known height with the same timestamp is called. */
  readonly repeatedUpdate: 'NoOp' | 'Update';
  /** Proofs may be empty when an earlier one of the same transaction covers them (design.md, on-chain cost). */
  readonly emptyFollowUpProofs: boolean;
  /** How state stands in the store. */
  readonly codec: StateCodec;
  /** How the chain reports a fault. */
  report(fault: Fault): ChainError;
}

import type {
  AttestationProof,
  PacketAttestationView,
  SignatureRules,
  StateAttestation,
} from '@interchain-attestation/core';
import type { InitialState } from './light-client.ts';
import type { AttestorList, StateCodec } from './state.ts';
import type { ChainError, Fault } from './verdict.ts';

/** Checks that every call may make. Each check is one function of `checks.ts`. */
export type CommonCheck =
  | 'authorized'
  /** There is a client. A policy without this check takes its absence for a misuse of the API, and it throws. */
  | 'client-exists'
  /** There is a client and it is not frozen; one fault for both, as a host reports them. */
  | 'client-active'
  | 'not-frozen'
  | 'decode-proof'
  | 'signatures';

/** Checks of an update, and of evidence. */
export type UpdateCheck =
  | CommonCheck
  /** What a message must be whatever the client's state: data that decodes, signatures of 65 bytes, at least one. */
  | 'message-basic'
  | 'decode-state'
  | 'state-nonzero'
  | 'unsupported';

/** Checks of a membership or non-membership proof. */
export type ProofCheck =
  | CommonCheck
  | 'value-present'
  /** Has any element. */
  | 'path-present'
  /** Has exactly one. */
  | 'path-length'
  /** Its element is not empty. */
  | 'path-element'
  | 'consensus-state'
  /** Decides an empty proof from what the transaction verified before, and ends the run. */
  | 'verified-here'
  | 'decode-packets'
  | 'height'
  | 'packets-present'
  | 'decode-value'
  | 'scan';

/** The calls of a client. */
export type CallKind =
  | 'initialize'
  | 'update'
  | 'misbehaviour'
  | 'membership'
  | 'non-membership'
  | 'recover'
  | 'upgrade';

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
  /** What a client that does not exist has for its latest height; without a value here the question throws. */
  readonly heightWithoutClient?: bigint;
  /**
   * What the chain says about the state a client is to start from; undefined when it takes it.
   * @throws LightClientError `light-client/out-of-range`; CoreError `address/invalid`, `address/checksum`,
   * `number/out-of-range`
   */
  checkInitialState(initial: InitialState): Fault | undefined;
  /**
   * Attestors from their addresses as texts.
   * @throws CoreError `address/invalid`, `address/checksum`
   */
  readAttestors(texts: readonly string[]): AttestorList;
  /** Checks in their order: the first that fails decides which error is reported. */
  readonly order: {
    readonly update: readonly UpdateCheck[];
    /** `as-update`: evidence is handed in as an update is, and there is no other way. */
    readonly misbehaviour: readonly UpdateCheck[] | 'as-update';
    readonly membership: readonly ProofCheck[];
    readonly nonMembership: readonly ProofCheck[];
  };
  /** All of them read in place; none may copy the entries. */
  readonly decode: {
    /** @throws CoreError or LightClientError `light-client/protobuf-malformed` when the bytes are not a proof */
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
  /** What an update for a known height with the same timestamp is called. An `Update` is written, changed or not. */
  readonly repeatedUpdate: 'NoOp' | 'Update';
  /** Proofs may be empty when an earlier one of the same transaction covers them (design.md, on-chain cost). */
  readonly emptyFollowUpProofs: boolean;
  /** How state stands in the store. */
  readonly codec: StateCodec;
  /** How the chain reports a fault. */
  report(fault: Fault, call: CallKind): ChainError;
}

import type { Address, StateAttestation } from '@interchain-attestation/core';
import type { Policy } from './policy.ts';
import type { ClientState, ClientStatus } from './state.ts';
import type { KeyValueStore } from './store.ts';
import type { Verdict } from './verdict.ts';

/** What a new client starts from. */
export interface InitialState {
  /** Hex addresses, any case. */
  readonly attestors: readonly string[];
  readonly minRequiredSigs: number;
  readonly height: bigint;
  /** Unix seconds. */
  readonly timestampSec: bigint;
}

/** Who calls; without it the caller is taken for authorised. */
export interface CallOptions {
  readonly caller?: Address;
}

export interface NonMembershipProof extends CallOptions {
  /** Encoded proof, as the chain takes it; empty where an earlier proof of the transaction covers this one. */
  readonly proof: Uint8Array;
  readonly height: bigint;
  /** Revision of the height where heights have one (ibc-go); zero when left out, and in every height a client holds. */
  readonly revisionNumber?: bigint;
  /** Raw path elements, not hashed. */
  readonly path: readonly Uint8Array[];
}

export interface MembershipProof extends NonMembershipProof {
  /** The commitment to prove: 32 bytes. */
  readonly value: Uint8Array;
}

export type UpdateResult = 'Update' | 'Misbehaviour' | 'NoOp';

/** The calls of an attestation light client. None of them writes unless it is said so. */
export interface LightClient {
  readonly policy: Policy;
  /**
   * Writes the first state of a client.
   * @throws LightClientError `light-client/already-initialized`, `light-client/out-of-range`; CoreError
   * `address/invalid`, `address/checksum`, `number/out-of-range`
   */
  initialize(initial: InitialState): Verdict;
  /** `Unknown` when there is no client in the store. */
  status(): ClientStatus;
  /** @throws LightClientError `light-client/not-initialized`, `light-client/state-malformed`; so do all calls below. */
  clientState(): ClientState;
  /** Does not throw where the policy knows a height without a client. */
  latestHeight(): bigint;
  /** In the policy's unit; undefined when the client holds no state for the height. */
  timestampAtHeight(height: bigint): bigint | undefined;
  /** Checks a proof of state, all of it, and says what it attests. */
  verifyClientMessage(message: Uint8Array, options?: CallOptions): Verdict<{ readonly attested: StateAttestation }>;
  /** True when what was attested contradicts what the client holds. */
  checkForMisbehaviour(attested: StateAttestation): boolean;
  /** Writes what was attested, unless the client holds it already. Only after `verifyClientMessage`. */
  updateState(attested: StateAttestation): 'Update' | 'NoOp';
  /** Freezes the client for good. */
  updateStateOnMisbehaviour(): void;
  /** The three above in their order, as a chain runs them. Writes. */
  updateClient(
    message: Uint8Array,
    options?: CallOptions,
  ): Verdict<{ readonly result: UpdateResult; readonly attested: StateAttestation }>;
  /** Evidence handed in apart from an update. Writes where the chain takes it for one. */
  misbehaviour(message: Uint8Array, options?: CallOptions): Verdict;
  /** Is this commitment at this path? The timestamp is that of the proof height, in the policy's unit. */
  verifyMembership(proof: MembershipProof): Verdict<{ readonly timestamp: bigint }>;
  /** Is there nothing at this path? */
  verifyNonMembership(proof: NonMembershipProof): Verdict<{ readonly timestamp: bigint }>;
  /** Thaws a client by putting another in its place: no attestation client can. */
  recover(): Verdict;
  /** Takes over after an upgrade of the chain: no attestation client can. */
  upgrade(): Verdict;
  /**
   * The client as one transaction sees it: writes are kept apart until `commit`, and proofs verified in it make empty
   * proofs after them good where the policy takes those.
   */
  beginTransaction(): Transaction;
}

/** The calls of a client, apart from opening a transaction. */
export type LightClientCalls = Omit<LightClient, 'beginTransaction'>;

/** One transaction. A chain takes all of it or nothing: on the first rejection drop it, do not commit. */
export interface Transaction extends LightClientCalls {
  commit(): void;
}

export interface LightClientDeps {
  readonly policy: Policy;
  readonly store: KeyValueStore;
  /** Who may submit updates and proofs; everybody when left out. */
  readonly isSubmitter?: (caller: Address) => boolean;
}

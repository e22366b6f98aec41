import type { Address } from '@interchain-attestation/core';

/** Attestors in the order of creation. */
export interface AttestorList {
  /** EIP-55. */
  readonly attestors: readonly Address[];
  /** The same as texts, where the chain stores them as it was given them. */
  readonly spelling?: readonly string[];
}

/** What a client knows besides its timestamps. */
export interface ClientState extends AttestorList {
  /** Signatures that a statement needs. */
  readonly minRequiredSigs: number;
  /** Highest height with a consensus state. */
  readonly latestHeight: bigint;
  readonly isFrozen: boolean;
}

/** What a client knows about one height. */
export interface ConsensusState {
  /** In the policy's unit: seconds for Solidity, nanoseconds for ibc-go. */
  readonly timestamp: bigint;
}

/** How state stands in the store. */
export interface StateCodec {
  readonly clientStateKey: string;
  /** @param revisionNumber zero when left out; only where heights have one */
  consensusStateKey(height: bigint, revisionNumber?: bigint): string;
  encodeClientState(state: ClientState): Uint8Array;
  /** @throws LightClientError `light-client/state-malformed` */
  decodeClientState(bytes: Uint8Array): ClientState;
  encodeConsensusState(state: ConsensusState): Uint8Array;
  /** @throws LightClientError `light-client/state-malformed` */
  decodeConsensusState(bytes: Uint8Array): ConsensusState;
}

export type ClientStatus = 'Active' | 'Frozen' | 'Unknown';

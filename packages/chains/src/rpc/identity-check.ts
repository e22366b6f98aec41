import type { Hex } from '@interchain-attestation/core';

/** Calls that ride along in a batch to see who answers. */
export interface IdentityProbes {
  readonly calls: readonly { readonly method: string; readonly params: string }[];
  readonly epoch: number;
}

/**
 * Watches that the same chain answers behind the URL. What it asks, and how often, is for each kind of chain to say.
 */
export interface IdentityCheck {
  /** Hash of block 0: the configured one, or the first one seen. */
  readonly genesisHash: Hex | undefined;
  /** True when the genesis hash has to be asked for again. */
  readonly due: boolean;
  /** Something went wrong: whoever answers next has to show the genesis block. */
  suspect(): void;
  probes(): IdentityProbes;
  /**
   * Judges the answers to the probes.
   * @returns false when the answer came over a new connection and must be followed by a look at the genesis block
   * before anything in it is used
   * @throws ChainError `chain/wrong-chain`, `chain/unavailable`
   */
  check(probes: IdentityProbes, results: readonly unknown[], newConnection: boolean): boolean;
}

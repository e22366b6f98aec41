/** What can be wrong with a configuration file. */
export type ConfigIssueCode =
  /** The file cannot be read. */
  | 'config/unreadable'
  /** Not YAML, or not a mapping at the top. */
  | 'config/yaml'
  /** The same key or id twice. */
  | 'config/duplicate-id'
  /** `${VAR}` names a variable that is not set, or is not closed. */
  | 'config/undefined-variable'
  | 'config/unknown-key'
  | 'config/missing-key'
  | 'config/invalid-value'
  /** A name that points at nothing: a chain, a signer or an attestor that the file does not define. */
  | 'config/unknown-reference'
  /** Not `1 <= quorum <= attestors`. */
  | 'config/quorum-out-of-range'
  /** m <= n/2: two disjoint quorums could contradict each other. Refused unless `allowMinorityQuorum`. */
  | 'config/minority-quorum'
  /** One attestor alone decides. Refused unless `allowSingleAttestor`. */
  | 'config/single-attestor'
  | 'config/zero-address'
  /** Two RPC endpoints of one origin: one operator would count twice. */
  | 'config/duplicate-rpc'
  /** One attestor key for two sources: what it says about one could be replayed as about the other. */
  | 'config/key-reuse'
  | 'config/duplicate-attestor'
  /** A client lists an attestor that attests another chain. */
  | 'config/wrong-source'
  | 'config/duplicate-chain-id'
  | 'config/duplicate-client'
  | 'config/duplicate-address'
  /** A connection is not two clients, each on the chain that the other one tracks. */
  | 'config/connection-shape'
  /** The manifest belongs to a chain of another kind. */
  | 'config/other-kind'
  /** The file names another client than the one that was deployed. */
  | 'config/client-mismatch'
  /** The key file holds another address than the configuration names. */
  | 'config/address-mismatch';

/** One thing that is wrong, and where. */
export interface ConfigIssue {
  readonly code: ConfigIssueCode;
  /** Dotted path in the file, for example `chains.alpha.chainId`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** 1-based; undefined when it concerns the file as a whole. */
  readonly line?: number;
  readonly column?: number;
  /** The line of the file, with the paths and credentials of URLs left out; absent where it may hold a secret. */
  readonly excerpt?: string;
}

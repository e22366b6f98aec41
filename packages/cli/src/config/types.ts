import type { Address } from '@interchain-attestation/core';

/** When a block counts as final: a tag of the node, or so many blocks behind the head. */
export type FinalityEntry = 'finalized' | 'safe' | 'latest' | { readonly offset: number };

export interface ChainEntry {
  readonly kind: 'evm';
  readonly chainId: number;
  readonly rpcUrl: string;
  readonly wsUrl?: string | undefined;
  /** Refuses another chain with the same id, for example a development chain that was started anew. */
  readonly genesisHash?: string | undefined;
  /** The router's proxy; taken from the manifest of `deploy core` when absent. */
  readonly router?: Address | undefined;
  /** `plain` for a router without a proxy; it is checked either way. */
  readonly routerKind: 'proxy' | 'plain';
  readonly finality: FinalityEntry;
  /** Bound on one HTTP attempt. */
  readonly requestTimeoutMs?: number | undefined;
  readonly pollIntervalMs?: number | undefined;
  /** Largest range of one eth_getLogs, in blocks. */
  readonly maxLogBlocks?: number | undefined;
  /** Calls in one JSON-RPC batch. */
  readonly maxBatchCalls?: number | undefined;
  /** Share of the block gas limit that one transaction may take. */
  readonly blockGasSharePercent?: number | undefined;
  readonly maxTxBytes?: number | undefined;
  /** Signer that deploys to this chain. */
  readonly deployer?: string | undefined;
}

export interface SignerEntry {
  /** Ethereum V3 key file. */
  readonly keystore: string;
  readonly password?: { readonly env: string } | { readonly file: string } | undefined;
}

export interface AttestorEntry {
  /** The chain it reads and attests. */
  readonly chain: string;
  readonly address: Address;
  /** Where others reach it: host:port of its gRPC service. */
  readonly url: string;
  /** Its key. Present when this file runs it; absent when somebody else does. */
  readonly signer?: string | undefined;
  /** Where it listens; `url` when absent. */
  readonly listen?: string | undefined;
  readonly health?: string | undefined;
  /** File of its signing guard; `DATA_DIR/guard/NAME.db` when absent. */
  readonly guard?: string | undefined;
}

export interface ClientEntry {
  /** The chain that holds the client. */
  readonly on: string;
  /** The chain that the client tracks, which its attestors attest. */
  readonly of: string;
  /** Its id in the router of `on`. */
  readonly id: string;
  readonly attestors: readonly string[];
  /** Signatures required. Used when the client is deployed; afterwards everybody reads it from the chain. */
  readonly quorum: number;
  readonly allowMinorityQuorum: boolean;
  readonly allowSingleAttestor: boolean;
}

/** Two clients, each on the chain that the other one tracks. */
export interface ConnectionEntry {
  readonly clients: readonly [ClientEntry, ClientEntry];
}

export interface ProofApiEntry {
  readonly listen: string;
  readonly health?: string | undefined;
  /** Where others reach it; `listen` when absent. */
  readonly url?: string | undefined;
}

/** When a batch of packets is closed. */
export interface BatchEntry {
  readonly maxPackets?: number | undefined;
  readonly maxWaitMs?: number | undefined;
}

export interface RelayerEntry {
  readonly listen: string;
  readonly health?: string | undefined;
  readonly url?: string | undefined;
  /** SQLite file; `DATA_DIR/relayer.db` when absent. */
  readonly database?: string | undefined;
  /** The proof API to ask; the one of this file when absent. */
  readonly proofApi?: string | undefined;
  readonly batch?:
    | {
        readonly receive?: BatchEntry | undefined;
        readonly acknowledge?: BatchEntry | undefined;
        readonly timeout?: BatchEntry | undefined;
      }
    | undefined;
  /** Attempts at one leg of one packet before it becomes a dead letter. */
  readonly maxAttempts?: number | undefined;
  readonly maxParallelBatches?: number | undefined;
  /** Decimal, smallest unit: signers with less are reported. */
  readonly lowBalance?: string | undefined;
  /** Signer by chain. */
  readonly signers: Readonly<Record<string, string>>;
  /** Block to begin at, by chain, at the first start; the block of the router's deployment when absent. */
  readonly startHeights: Readonly<Record<string, number>>;
}

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
}

/** A configuration file that was found free of contradictions. Its paths are absolute. */
export interface AttestConfig {
  /** The file it came from, absolute. */
  readonly file: string;
  /** Where manifests, guards and databases are kept; absolute. */
  readonly dataDir: string;
  readonly log: LogEntry;
  readonly chains: Readonly<Record<string, ChainEntry>>;
  readonly signers: Readonly<Record<string, SignerEntry>>;
  readonly attestors: Readonly<Record<string, AttestorEntry>>;
  readonly connections: Readonly<Record<string, ConnectionEntry>>;
  readonly proofApi: ProofApiEntry | undefined;
  readonly relayer: RelayerEntry | undefined;
}

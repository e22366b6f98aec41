import type { Address } from '@interchain-attestation/core';

/** When a block counts as final: a tag of the node, or so many blocks behind the head. */
export type FinalityEntry = 'finalized' | 'safe' | 'latest' | { readonly offset: number };

/** RPC endpoints of a chain that must agree before anything is attested. */
export interface AgreementEntry {
  /** Further endpoints, of other operators than `rpcUrl`. */
  readonly moreRpcUrls?: readonly string[] | undefined;
  /** How many of all endpoints must say the same; the smallest majority when absent. */
  readonly rpcQuorum?: number | undefined;
}

/** A chain with Solidity IBC contracts. */
export interface EvmChainEntry extends AgreementEntry {
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

/** A chain of the Cosmos SDK with ibc-go. Bounds are those of the Cosmos adapter. */
export interface CosmosChainEntry extends AgreementEntry {
  readonly kind: 'cosmos';
  readonly chainId: string;
  /** JSON-RPC of a CometBFT node. */
  readonly rpcUrl: string;
  /** `/websocket` at `rpcUrl` when absent. */
  readonly wsUrl?: string | undefined;
  /** Hash of the block at `genesisHeight`: refuses another chain with the same id. */
  readonly genesisHash?: string | undefined;
  readonly genesisHeight?: number | undefined;
  /** Prefix of account addresses. */
  readonly bech32Prefix: string;
  /** Price of one unit of gas, as `0.025stake`. Whoever sends to the chain needs it. */
  readonly gasPrice?: string | undefined;
  readonly gasAdjustment?: number | undefined;
  /** Bound on one HTTP attempt. */
  readonly requestTimeoutMs?: number | undefined;
  readonly pollIntervalMs?: number | undefined;
  readonly maxTxBytes?: number | undefined;
  readonly maxTxGas?: number | undefined;
  /** Share of the block gas limit that one transaction may take. */
  readonly blockGasSharePercent?: number | undefined;
  /** Calls in one JSON-RPC batch. */
  readonly maxBatchCalls?: number | undefined;
  /** Signer that makes clients on this chain. */
  readonly deployer?: string | undefined;
}

export type ChainEntry = EvmChainEntry | CosmosChainEntry;

/** Where a secret is: an environment variable or a file. */
export type SecretEntry = { readonly env: string } | { readonly file: string };

export interface KeystoreSignerEntry {
  /** Ethereum V3 key file. */
  readonly keystore: string;
  readonly password?: SecretEntry | undefined;
}

export interface MnemonicSignerEntry {
  /** BIP-39 words. They never stand in this file themselves. */
  readonly mnemonic: SecretEntry;
  /** BIP-32 path; that of Cosmos wallets when absent, `m/44'/118'/0'/0/0`. */
  readonly hdPath?: string | undefined;
}

/** A secp256k1 key: the same one serves chains of both kinds. */
export type SignerEntry = KeystoreSignerEntry | MnemonicSignerEntry;

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
  /** Largest encoded packet that it takes, in bytes. */
  readonly maxPacketBytes?: number | undefined;
  /** Absences that its guard remembers one by one. */
  readonly maxAbsences?: number | undefined;
}

export interface ClientEntry {
  /** The chain that holds the client. */
  readonly on: string;
  /** The chain that the client tracks, which its attestors attest. */
  readonly of: string;
  /**
   * EVM: its id in the router of `on`, chosen here. Cosmos: assigned by the chain and kept in the manifest; given here
   * it names a client that exists, and what is deployed must match it.
   */
  readonly id?: string | undefined;
  readonly attestors: readonly string[];
  /** Signatures required. Used when the client is deployed; afterwards everybody reads it from the chain. */
  readonly quorum: number;
  readonly allowMinorityQuorum: boolean;
  readonly allowSingleAttestor: boolean;
}

/** A client whose id is known. */
export interface KnownClient extends ClientEntry {
  readonly id: string;
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
  /** Largest encoded packet that the attestors take, in bytes. */
  readonly maxPacketBytes?: number | undefined;
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
  /** How long packets that came to their end are remembered; 7 when absent. */
  readonly keepFinishedDays?: number | undefined;
  /** Decimal, smallest unit: signers with less are reported. One number for all chains, or by chain. */
  readonly lowBalance?: string | Readonly<Record<string, string>> | undefined;
  /** Signer by chain. */
  readonly signers: Readonly<Record<string, string>>;
  /** Block to begin at, by chain, at the first start; that of the router's or client's deployment when absent. */
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

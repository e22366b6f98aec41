import type { Address } from '@interchain-attestation/core';
import type { DevnetCosmosChain } from '../chain/cosmos-dev-chain.ts';
import type { DevChain } from '../chain/dev-chain.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { DeployedAddresses } from './contracts.ts';
import type { DeployedEnd } from './cosmos-chains.ts';
import type { DevKey } from './keys.ts';
import type { AttestorLayout, ChainName, CosmosName, DevnetFinality, Layout, NetworkChain } from './layout.ts';

export interface DevnetOptions {
  /** Seconds between blocks. Default 1. */
  readonly blockTimeSec?: number;
  /** Default 5. */
  readonly attestorsPerChain?: number;
  /** Signatures a client needs. Default: a majority. */
  readonly quorum?: number;
  /** Default one block behind the head. */
  readonly finality?: DevnetFinality;
  /** `each` (default): a process an attestor; `chain`: one process for the attestors of a chain, quicker to start. */
  readonly attestorProcesses?: 'each' | 'chain';
  /** Whether the proof API and the relayer run. Default both. */
  readonly services?: { readonly proofApi?: boolean; readonly relayer?: boolean };
  /** Where keys, guards, manifests and logs go. A temporary directory, removed at the end, when absent. */
  readonly directory?: string;
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** ibc-go chains besides the two EVM chains: `gaia` is joined with alpha, `osmo` with gaia. Default none; needs Go. */
  readonly cosmos?: readonly CosmosName[];
  /** Node of beta. `geth` needs Go, and makes blocks only for transactions: give `finality: 'latest'`. Default anvil. */
  readonly betaNode?: 'anvil' | 'geth';
  /** Ends the start. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DevnetProgress) => void;
  /** A process ended although nobody asked for it. */
  readonly onUnexpectedExit?: (process: ManagedProcess, how: string) => void;
}

/** What happens while a network starts. */
export type DevnetProgress =
  | {
      readonly type: 'chain';
      readonly name: NetworkChain;
      readonly chainId: number | string;
      readonly rpcUrl: string;
    }
  | { readonly type: 'client'; readonly chain: NetworkChain; readonly of: NetworkChain; readonly clientId: string }
  | {
      readonly type: 'contract';
      readonly chain: ChainName;
      readonly title: string;
      readonly address?: Address | undefined;
    }
  | {
      readonly type: 'attestor';
      readonly name: string;
      readonly chain: NetworkChain;
      readonly address: string;
      readonly pid: number | undefined;
    }
  | {
      readonly type: 'service';
      readonly name: 'proof-api' | 'relayer';
      readonly address: string;
      readonly pid: number | undefined;
    };

export interface DevnetAttestor extends AttestorLayout {
  /** Shared by the attestors of a chain with `attestorProcesses: 'chain'`. */
  readonly process: ManagedProcess;
}

export interface DevnetChain extends DevChain, DeployedAddresses {
  /** The contract behind `clientId`. */
  readonly lightClient: Address;
  /** A token native to this chain; anybody may mint. */
  readonly token: Address;
}

/** A running network. */
export interface Devnet {
  readonly directory: string;
  /** The configuration file in effect: `attest --config FILE ...` works on the network. */
  readonly configFile: string;
  readonly layout: Layout;
  readonly chains: Readonly<Record<ChainName, DevnetChain>>;
  /** The ibc-go chains that were asked for. */
  readonly cosmos: Readonly<Partial<Record<CosmosName, DevnetCosmosChain>>>;
  /** Every client of a connection. */
  readonly clients: readonly DeployedEnd[];
  /** Hold ether on both chains and 1,000,000 of each chain's token on it. */
  readonly users: { readonly alice: DevKey; readonly bob: DevKey };
  readonly attestors: readonly DevnetAttestor[];
  readonly proofApi: { readonly address: string; readonly process: ManagedProcess } | undefined;
  readonly relayer: { readonly address: string; readonly process: ManagedProcess } | undefined;
  /** Everything that was started, chains included. */
  readonly processes: readonly ManagedProcess[];
  /** Another client on `chain` that tracks the other one, with the same attestors and quorum. */
  addClient(chain: ChainName, clientId: string): Promise<Address>;
  /** Another client on a Cosmos chain that tracks `of`, with the same attestors and quorum, joined with nobody. @returns its id */
  addCosmosClient(chain: CosmosName, of: NetworkChain, label: string): Promise<string>;
  /** Ends all processes and removes what was written. Never throws; may be called twice. */
  close(): Promise<void>;
}

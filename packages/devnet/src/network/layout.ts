import { GETH_CHAIN_ID } from '../chain/geth.ts';
import type { DevKey } from './keys.ts';
import { deriveKey } from './keys.ts';

export type ChainName = 'alpha' | 'beta';
export const CHAIN_NAMES: readonly ChainName[] = ['alpha', 'beta'];

/** ibc-go chains that a network may have besides. */
export type CosmosName = 'gaia' | 'osmo';
export type NetworkChain = ChainName | CosmosName;

/** The other EVM chain. */
export const otherChain = (name: ChainName): ChainName => (name === 'alpha' ? 'beta' : 'alpha');

/** When blocks count as final: as in the configuration file. */
export type DevnetFinality = 'finalized' | 'safe' | 'latest' | { readonly offset: number };

export interface LayoutOptions {
  readonly attestorsPerChain: number;
  readonly quorum: number;
  readonly finality: DevnetFinality;
  /** ibc-go chains: `gaia` is joined with alpha, `osmo` with gaia. */
  readonly cosmos: readonly CosmosName[];
  readonly betaNode: 'anvil' | 'geth';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export interface AttestorLayout {
  readonly name: string;
  /** The chain that it attests. */
  readonly chain: NetworkChain;
  readonly key: DevKey;
  /** `host:port` of its gRPC service. */
  readonly address: string;
  readonly health: string;
}

/** One client of a connection. */
export interface ConnectionEnd {
  /** The chain that holds the client. */
  readonly on: NetworkChain;
  /** The chain that it tracks. */
  readonly of: NetworkChain;
  /** Chosen on an EVM chain; a Cosmos chain assigns it. */
  readonly clientId?: string;
}

export interface Connection {
  readonly name: string;
  readonly ends: readonly [ConnectionEnd, ConnectionEnd];
}

/** Who and what is in a network, before any of it runs. */
export interface Layout extends LayoutOptions {
  readonly chains: Readonly<Record<ChainName, { readonly chainId: number; readonly clientId: string }>>;
  readonly connections: readonly Connection[];
  readonly attestors: readonly AttestorLayout[];
  readonly deployer: DevKey;
  readonly relayer: DevKey;
  readonly proofApi: { readonly address: string; readonly health: string };
  readonly relayerApi: { readonly address: string; readonly health: string };
}

/** Ports that a layout takes. */
export const portsNeeded = ({ attestorsPerChain, cosmos }: LayoutOptions): number =>
  2 * attestorsPerChain * (CHAIN_NAMES.length + cosmos.length) + 4;

/** ibc-go takes only ids that end in a number for the other side of its clients. */
const CONNECTIONS: readonly Connection[] = [
  {
    name: 'alpha-beta',
    ends: [
      { on: 'alpha', of: 'beta', clientId: 'attest-beta' },
      { on: 'beta', of: 'alpha', clientId: 'attest-alpha' },
    ],
  },
  {
    name: 'alpha-gaia',
    ends: [
      { on: 'alpha', of: 'gaia', clientId: 'attest-gaia-0' },
      { on: 'gaia', of: 'alpha' },
    ],
  },
  {
    name: 'gaia-osmo',
    ends: [
      { on: 'gaia', of: 'osmo' },
      { on: 'osmo', of: 'gaia' },
    ],
  },
];

/** Lays a network out over free ports. `attest-beta` is the client on alpha that tracks beta. */
export const createLayout = (options: LayoutOptions, ports: readonly number[]): Layout => {
  const rest = [...ports];
  const address = (): string => `127.0.0.1:${rest.shift()}`;
  const names: readonly NetworkChain[] = [...CHAIN_NAMES, ...options.cosmos];
  const attestors = names.flatMap((chain) =>
    Array.from({ length: options.attestorsPerChain }, (_, index): AttestorLayout => {
      const name = `${chain}-${index + 1}`;
      return { name, chain, key: deriveKey(name), address: address(), health: address() };
    }),
  );
  return {
    ...options,
    chains: {
      alpha: { chainId: 31337, clientId: 'attest-beta' },
      beta: { chainId: options.betaNode === 'geth' ? GETH_CHAIN_ID : 31338, clientId: 'attest-alpha' },
    },
    connections: CONNECTIONS.filter(({ ends }) => ends.every(({ on }) => names.includes(on))),
    attestors,
    deployer: deriveKey('deployer'),
    relayer: deriveKey('relayer'),
    proofApi: { address: address(), health: address() },
    relayerApi: { address: address(), health: address() },
  };
};

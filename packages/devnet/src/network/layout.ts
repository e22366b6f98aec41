import type { DevKey } from './keys.ts';
import { deriveKey } from './keys.ts';

export type ChainName = 'alpha' | 'beta';
export const CHAIN_NAMES: readonly ChainName[] = ['alpha', 'beta'];

/** The other chain. */
export const otherChain = (name: ChainName): ChainName => (name === 'alpha' ? 'beta' : 'alpha');

/** When blocks count as final: as in the configuration file. */
export type DevnetFinality = 'finalized' | 'safe' | 'latest' | { readonly offset: number };

export interface LayoutOptions {
  readonly attestorsPerChain: number;
  readonly quorum: number;
  readonly finality: DevnetFinality;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export interface AttestorLayout {
  readonly name: string;
  /** The chain that it attests. */
  readonly chain: ChainName;
  readonly key: DevKey;
  /** `host:port` of its gRPC service. */
  readonly address: string;
  readonly health: string;
}

/** Who and what is in a network, before any of it runs. */
export interface Layout extends LayoutOptions {
  readonly chains: Readonly<Record<ChainName, { readonly chainId: number; readonly clientId: string }>>;
  readonly attestors: readonly AttestorLayout[];
  readonly deployer: DevKey;
  readonly relayer: DevKey;
  readonly proofApi: { readonly address: string; readonly health: string };
  readonly relayerApi: { readonly address: string; readonly health: string };
}

/** Ports that a layout takes. */
export const portsNeeded = ({ attestorsPerChain }: LayoutOptions): number => 4 * attestorsPerChain + 4;

/** Lays a network out over free ports. `attest-beta` is the client on alpha that tracks beta. */
export const createLayout = (options: LayoutOptions, ports: readonly number[]): Layout => {
  const rest = [...ports];
  const address = (): string => `127.0.0.1:${rest.shift()}`;
  const attestors = CHAIN_NAMES.flatMap((chain) =>
    Array.from({ length: options.attestorsPerChain }, (_, index): AttestorLayout => {
      const name = `${chain}-${index + 1}`;
      return { name, chain, key: deriveKey(name), address: address(), health: address() };
    }),
  );
  return {
    ...options,
    chains: {
      alpha: { chainId: 31337, clientId: 'attest-beta' },
      beta: { chainId: 31338, clientId: 'attest-alpha' },
    },
    attestors,
    deployer: deriveKey('deployer'),
    relayer: deriveKey('relayer'),
    proofApi: { address: address(), health: address() },
    relayerApi: { address: address(), health: address() },
  };
};

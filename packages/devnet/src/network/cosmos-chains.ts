import type { Address } from '@interchain-attestation/core';
import { type CosmosDeployer, createCosmosDeployer, type Deployer } from '@interchain-attestation/deploy';
import { type CosmosDevChain, createCosmosDevChain, type DevnetCosmosChain } from '../chain/cosmos-dev-chain.ts';
import { startCosmosNode } from '../chain/cosmos-node.ts';
import { DevnetError } from '../errors.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Reaper } from '../process/reaper.ts';
import { deployLightClient } from './contracts.ts';
import { COSMOS_DENOM, cosmosChainId } from './cosmos-names.ts';
import { setOf, signedState } from './initial-state.ts';
import { cosmosAddressOf, type DevKey } from './keys.ts';
import {
  CHAIN_NAMES,
  type ChainName,
  type Connection,
  type ConnectionEnd,
  type CosmosName,
  type Layout,
  type NetworkChain,
} from './layout.ts';

const COINS = `1000000000000000${COSMOS_DENOM}`;

/** Starts a Cosmos chain on which these keys hold coins. */
export const startCosmosChain = async (
  name: CosmosName,
  keys: readonly DevKey[],
  options: {
    readonly reaper: Reaper;
    readonly onUnexpectedExit?: (process: ManagedProcess, how: string) => void;
  },
): Promise<CosmosDevChain> => {
  const accounts = keys.map((key) => ({ address: cosmosAddressOf(key), coins: COINS }));
  const node = await startCosmosNode({ ...options, name: `chain ${name}`, chainId: cosmosChainId(name), accounts });
  return createCosmosDevChain(name, node);
};

const isEvm = (name: NetworkChain): name is ChainName => (CHAIN_NAMES as readonly string[]).includes(name);

/** A client that stands, and the chain that it tracks. */
export interface DeployedEnd {
  readonly on: NetworkChain;
  readonly of: NetworkChain;
  readonly clientId: string;
  /** The contract, on an EVM chain. */
  readonly lightClient?: Address;
}

export interface ConnectDeps {
  readonly layout: Layout;
  /** Folder of the manifests. */
  readonly directory: string;
  readonly evm: Readonly<Record<ChainName, Deployer>>;
  readonly cosmos: Readonly<Partial<Record<CosmosName, CosmosDevChain>>>;
  readonly onClient: (client: DeployedEnd) => void;
}

/**
 * Creates both clients of a connection that has a Cosmos chain. A Cosmos chain assigns ids: its clients come first, and
 * are told their counterparties last.
 */
export const connectWithCosmos = async (deps: ConnectDeps, connection: Connection): Promise<readonly DeployedEnd[]> => {
  const { layout, directory } = deps;
  const allow = { allowMinorityQuorum: true, allowSingleAttestor: true };
  const deployerOf = (name: NetworkChain): CosmosDeployer => {
    const chain = isEvm(name) ? undefined : deps.cosmos[name]?.chain;
    if (chain === undefined) throw new DevnetError('devnet/not-ready', `no Cosmos chain ${name}`);
    return createCosmosDeployer({ chain, who: layout.deployer.signer, directory });
  };
  const ids = new Map<ConnectionEnd, string>();
  for (const end of connection.ends.filter(({ on }) => !isEvm(on))) {
    const { clientId } = await deployerOf(end.on).client({
      ...allow,
      connection: connection.name,
      set: setOf(layout, end.of),
      initialState: () => signedState(layout, end.of),
    });
    ids.set(end, clientId ?? '');
  }
  const deployed: DeployedEnd[] = [];
  for (const [end, other] of [connection.ends, connection.ends.toReversed()] as const) {
    if (end === undefined || other === undefined) continue;
    const { on, of } = end;
    const clientId = ids.get(end) ?? end.clientId ?? '';
    const counterpartyClientId = ids.get(other) ?? other.clientId ?? '';
    let lightClient: Address | undefined;
    if (isEvm(on)) {
      const client = { on, of, clientId, counterpartyClientId };
      lightClient = await deployLightClient(deps.evm[on], layout, directory, client);
    } else {
      await deployerOf(on).counterparty({ connection: connection.name, counterpartyClientId });
    }
    const client = { on, of, clientId, ...(lightClient === undefined ? {} : { lightClient }) };
    deps.onClient(client);
    deployed.push(client);
  }
  return deployed;
};

/** Another client on a Cosmos chain, with the same attestors and quorum, and without a counterparty. @returns its id */
export const addCosmosClient = async (
  { layout, directory, cosmos }: ConnectDeps,
  name: CosmosName,
  of: NetworkChain,
  connection: string,
): Promise<string> => {
  const chain = cosmos[name]?.chain;
  if (chain === undefined) throw new DevnetError('devnet/not-ready', `no Cosmos chain ${name}`);
  const { clientId } = await createCosmosDeployer({ chain, who: layout.deployer.signer, directory }).client({
    ...{ allowMinorityQuorum: true, allowSingleAttestor: true },
    connection,
    set: setOf(layout, of),
    initialState: () => signedState(layout, of),
  });
  return clientId ?? '';
};

/** The Cosmos chains with the ids of their clients. */
export const withClientIds = (
  chains: Readonly<Partial<Record<CosmosName, CosmosDevChain>>>,
  clients: readonly DeployedEnd[],
): Readonly<Partial<Record<CosmosName, DevnetCosmosChain>>> =>
  Object.fromEntries(
    Object.values(chains).map((chain) => {
      const own = clients.filter(({ on }) => on === chain.name).map(({ of, clientId }) => [of, clientId]);
      return [chain.name, { ...chain, clientIds: Object.fromEntries(own) }];
    }),
  );

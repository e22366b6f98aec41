import { type Address, parseAddress } from '@interchain-attestation/core';
import {
  createDeployer,
  type Deployer,
  manifestFile,
  readEvmManifest,
  type StepListener,
} from '@interchain-attestation/deploy';
import type { EvmNode } from '../chain/evm-node.ts';
import { DevnetError } from '../errors.ts';
import { setOf, signedState } from './initial-state.ts';
import type { ChainName, Layout, NetworkChain } from './layout.ts';

/** Addresses of what was deployed to a chain. */
export interface DeployedAddresses {
  readonly router: Address;
  readonly accessManager: Address;
  readonly transfer: Address;
}

export const createNetworkDeployer = (
  layout: Layout,
  name: ChainName,
  node: EvmNode,
  directory: string,
  listener: StepListener | undefined,
): Deployer =>
  createDeployer({
    chain: { name, chainId: node.chainId, rpcUrl: node.rpcUrl },
    who: layout.deployer.signer,
    directory,
    ...(listener === undefined ? {} : { listener }),
  });

/** Router and transfer app. Anybody may relay: several relayers may then run beside each other in tests. */
export const deployContracts = async (
  deployer: Deployer,
  directory: string,
  name: ChainName,
): Promise<DeployedAddresses> => {
  await deployer.core({ relayers: 'anybody' });
  await deployer.transfer();
  const contracts = (await readEvmManifest(manifestFile(directory, name)))?.contracts;
  const { ics26Router, accessManager, ics20Transfer } = contracts ?? {};
  if (!ics26Router || !accessManager || !ics20Transfer) {
    throw new DevnetError('devnet/not-ready', `the manifest of ${name} lacks a contract`);
  }
  return { router: ics26Router.address, accessManager: accessManager.address, transfer: ics20Transfer.address };
};

/** A light client on an EVM chain, its first state signed by the attestors of the chain that it tracks. */
export const deployLightClient = async (
  deployer: Deployer,
  layout: Layout,
  directory: string,
  client: {
    readonly on: ChainName;
    readonly of: NetworkChain;
    readonly clientId: string;
    readonly counterpartyClientId: string;
  },
): Promise<Address> => {
  const { on, of, clientId, counterpartyClientId } = client;
  await deployer.client({
    clientId,
    counterpartyClientId,
    set: setOf(layout, of),
    allowMinorityQuorum: true,
    allowSingleAttestor: true,
    initialState: () => signedState(layout, of),
  });
  const deployed = (await readEvmManifest(manifestFile(directory, on)))?.clients[clientId];
  return parseAddress(deployed?.address ?? '');
};

import { type Address, createAttestorSet, parseAddress } from '@interchain-attestation/core';
import {
  type AttestorEndpoint,
  attestInitialState,
  createDeployer,
  type Deployer,
  manifestFile,
  readEvmManifest,
  type StepListener,
} from '@interchain-attestation/deploy';
import { attestor } from '@interchain-attestation/proto';
import { createGrpcClient } from '@interchain-attestation/service';
import type { Anvil } from '../chain/anvil.ts';
import { DevnetError } from '../errors.ts';
import { type ChainName, type Layout, otherChain } from './layout.ts';

/** Addresses of what was deployed to a chain. */
export interface DeployedAddresses {
  readonly router: Address;
  readonly accessManager: Address;
  readonly transfer: Address;
}

export const createNetworkDeployer = (
  layout: Layout,
  name: ChainName,
  anvil: Anvil,
  directory: string,
  listener: StepListener | undefined,
): Deployer =>
  createDeployer({
    chain: { name, chainId: anvil.chainId, rpcUrl: anvil.rpcUrl },
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

/** The light client on `name` that tracks the other chain, its first state signed by that chain's attestors. */
export const deployLightClient = async (
  deployer: Deployer,
  layout: Layout,
  name: ChainName,
  directory: string,
  clientId: string = layout.chains[name].clientId,
): Promise<Address> => {
  const sources = layout.attestors.filter(({ chain }) => chain === otherChain(name));
  const set = createAttestorSet(
    sources.map(({ key }) => key.address),
    layout.quorum,
  );
  const clients = sources.map(({ address }) => createGrpcClient(attestor.AttestationService, { address }));
  const endpoints = sources.map((source, index): AttestorEndpoint => {
    const rpc = clients[index] as (typeof clients)[number];
    return {
      name: source.name,
      address: source.key.address,
      latestHeight: async (signal) => (await rpc.latestHeight({}, { signal })).height,
      stateAttestation: async (height, signal) => {
        const { attestation } = await rpc.stateAttestation({ height }, { signal });
        return {
          attestedData: attestation?.attestedData ?? new Uint8Array(),
          signature: attestation?.signature ?? new Uint8Array(),
        };
      },
    };
  });
  try {
    await deployer.client({
      clientId,
      counterpartyClientId: layout.chains[otherChain(name)].clientId,
      set,
      allowMinorityQuorum: true,
      allowSingleAttestor: true,
      initialState: () => attestInitialState(endpoints, set),
    });
  } finally {
    for (const client of clients) client.close();
  }
  const client = (await readEvmManifest(manifestFile(directory, name)))?.clients[clientId];
  return parseAddress(client?.address ?? '');
};

import assert from 'node:assert/strict';
import type { TransactionReceipt } from '@interchain-attestation/chains';
import {
  type ClientView,
  type CosmosName,
  type CosmosTransferOptions,
  type Devnet,
  type DevnetCosmosChain,
  type NetworkChain,
  type PacketTracker,
  sendCosmosTransfers,
  type TrackedPacket,
} from '../../src/index.ts';

/** A Cosmos chain of the network, which has to be there. */
export const cosmosOf = (net: Devnet, name: CosmosName): DevnetCosmosChain => {
  const chain = net.cosmos[name];
  assert.ok(chain, `the network has no ${name}`);
  return chain;
};

/** Id of the client on one chain that tracks another. */
export const clientOn = (net: Devnet, on: NetworkChain, of: NetworkChain): string => {
  const client = net.clients.find((each) => each.on === on && each.of === of);
  assert.ok(client, `${on} has no client of ${of}`);
  return client.clientId;
};

export interface Sent {
  readonly receipt: TransactionReceipt;
  readonly packets: readonly TrackedPacket[];
}

/** Coins from Alice on gaia to Bob on alpha, so many packets in one transaction. */
export const sendFromGaia = async (
  net: Devnet,
  tracker: PacketTracker,
  options: Partial<CosmosTransferOptions> = {},
): Promise<Sent> => {
  const chain = options.chain ?? cosmosOf(net, 'gaia');
  const receipt = await sendCosmosTransfers({
    chain,
    to: 'alpha',
    sender: net.users.alice,
    denom: chain.denom,
    amount: 1n,
    receiver: net.users.bob.address,
    ...options,
  });
  return { receipt, packets: await tracker.sentBy([receipt.txId]) };
};

/** What a client on a Cosmos chain holds. */
export const readCosmosClient = async ({ chain }: DevnetCosmosChain, clientId: string): Promise<ClientView> => {
  const { latestHeight, isFrozen } = await chain.clients.clientState(clientId);
  const [timestampSec] = await chain.clients.consensusTimestamps(clientId, [latestHeight]);
  assert.ok(timestampSec);
  return { latestHeight, timestampSec, isFrozen };
};

/** Resolves once a chain has a block of this time. */
export const untilTime = async (net: Devnet, name: NetworkChain, timestampSec: bigint): Promise<void> => {
  const cosmos = name === 'alpha' || name === 'beta' ? undefined : cosmosOf(net, name);
  const now = async (): Promise<bigint> =>
    cosmos === undefined
      ? (await net.chains[name as 'alpha'].client.getBlock()).timestamp
      : (await cosmos.chain.reader.latestBlock()).timestampSec;
  while ((await now()) < timestampSec) await new Promise((resolve) => setTimeout(resolve, 200));
};

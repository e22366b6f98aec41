import assert from 'node:assert/strict';
import {
  type ClientView,
  type CosmosName,
  type CosmosTransferOptions,
  cosmosVoucher,
  type Devnet,
  type DevnetCosmosChain,
  type NetworkChain,
  type PacketTracker,
  sendCosmosTransfers,
  type TrackedPacket,
  type TransferOptions,
} from '../../src/index.ts';
import { sendMany } from './transfers.ts';

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

/** The token of alpha as gaia names it: the path that transfers name it by, and its name in the bank. */
export const alfaOnGaia = (net: Devnet): { readonly path: string; readonly denom: string } => {
  const base = net.chains.alpha.token.toLowerCase();
  const clientId = clientOn(net, 'gaia', 'alpha');
  return { path: `transfer/${clientId}/${base}`, denom: cosmosVoucher(clientId, base) };
};

/** One unit of alpha's token from Alice to Bob on gaia, so many times, unless said otherwise. */
export const toGaia = (
  net: Devnet,
  tracker: PacketTracker,
  count: number,
  options: Partial<TransferOptions> = {},
): Promise<readonly TrackedPacket[]> =>
  sendMany(net, tracker, count, {
    sourceClient: clientOn(net, 'alpha', 'gaia'),
    receiver: cosmosOf(net, 'gaia').addressOf(net.users.bob),
    ...options,
  });

/** One unit of a Cosmos chain's coin from Alice to Bob on another chain, all packets in one transaction. */
export const fromCosmos = async (
  net: Devnet,
  tracker: PacketTracker,
  [from, to]: readonly [CosmosName, 'alpha' | CosmosName],
  options: Partial<CosmosTransferOptions> = {},
): Promise<readonly TrackedPacket[]> => {
  const chain = cosmosOf(net, from);
  const { alice, bob } = net.users;
  const receiver = to === 'alpha' ? bob.address : chain.addressOf(bob);
  const plain = { chain, to, sender: alice, denom: chain.denom, amount: 1n, receiver };
  const { txId } = await sendCosmosTransfers({ ...plain, ...options });
  return tracker.sentBy([txId]);
};

/** What a client on a Cosmos chain holds. */
export const readCosmosClient = async ({ chain }: DevnetCosmosChain, clientId: string): Promise<ClientView> => {
  const { latestHeight, isFrozen } = await chain.clients.clientState(clientId);
  const [timestampSec] = await chain.clients.consensusTimestamps(clientId, [latestHeight]);
  assert.ok(timestampSec);
  return { latestHeight, timestampSec, isFrozen };
};

import assert from 'node:assert/strict';
import type { TransactionReceipt } from '@interchain-attestation/chains';
import {
  type CosmosTransferOptions,
  cosmosVoucher,
  type Devnet,
  type DevnetCosmosChain,
  type PacketTracker,
  sendCosmosTransfers,
  sendTransfers,
  type TrackedPacket,
  type TransferOptions,
} from '../../src/index.ts';

/** The ibc-go chain that is joined with alpha. */
export const gaiaOf = (net: Devnet): DevnetCosmosChain => {
  const { gaia } = net.cosmos;
  assert.ok(gaia);
  return gaia;
};

/** Client on alpha that tracks gaia. */
export const GAIA_CLIENT = 'attest-gaia-0';

/** The token of alpha as gaia names it, once it has come over. */
export const alfaOnGaia = (net: Devnet): { readonly path: string; readonly denom: string } => {
  const base = net.chains.alpha.token.toLowerCase();
  const clientId = gaiaOf(net).clientIds.alpha ?? '';
  return { path: `transfer/${clientId}/${base}`, denom: cosmosVoucher(clientId, base) };
};

/** One unit of alpha's token from Alice to Bob on gaia, unless said otherwise. */
export const toGaia = async (
  net: Devnet,
  tracker: PacketTracker,
  options: Partial<TransferOptions> = {},
): Promise<readonly TrackedPacket[]> => {
  const chain = net.chains.alpha;
  const hashes = await sendTransfers({
    ...{ chain, sender: net.users.alice, token: chain.token, amount: 1n, sourceClient: GAIA_CLIENT },
    receiver: gaiaOf(net).addressOf(net.users.bob),
    ...options,
  });
  return tracker.sentBy(hashes);
};

/** One unit of gaia's coin from Alice to Bob on alpha, unless said otherwise. */
export const fromGaia = async (
  net: Devnet,
  tracker: PacketTracker,
  options: Partial<CosmosTransferOptions> = {},
): Promise<{ readonly receipt: TransactionReceipt; readonly packets: readonly TrackedPacket[] }> => {
  const chain = gaiaOf(net);
  const receipt = await sendCosmosTransfers({
    ...{ chain, sender: net.users.alice, to: 'alpha', denom: chain.denom, amount: 1n },
    receiver: net.users.bob.address,
    ...options,
  });
  return { receipt, packets: await tracker.sentBy([receipt.txId]) };
};

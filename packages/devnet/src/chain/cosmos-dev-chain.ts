import type { TransactionReceipt, TxSender } from '@interchain-attestation/chains';
import { type CosmosChain, createCosmosChain, encodeMessage } from '@interchain-attestation/chains/cosmos';
import { bytesToHex, sha256, utf8ToBytes } from '@interchain-attestation/core';
import { QueryBalanceRequest, QueryBalanceResponse } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { DevnetError } from '../errors.ts';
import { COSMOS_DENOM, COSMOS_GAS_PRICE, cosmosChainId } from '../network/cosmos-names.ts';
import { cosmosAddressOf, type DevKey } from '../network/keys.ts';
import type { CosmosName, NetworkChain } from '../network/layout.ts';
import type { CosmosNode } from './cosmos-node.ts';

/** A message of a transaction, with its type. */
export interface CosmosMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** A Cosmos chain of the network, with what a user of it needs. */
export interface CosmosDevChain {
  readonly kind: 'cosmos';
  readonly name: CosmosName;
  /** For example `gaia-1`. */
  readonly chainId: string;
  readonly rpcUrl: string;
  /** Its only coin of its own. */
  readonly denom: string;
  readonly node: CosmosNode;
  readonly chain: CosmosChain;
  /** Bech32 address of a key. */
  addressOf(key: DevKey): string;
  /** In the smallest unit. */
  balanceOf(address: string, denom: string): Promise<bigint>;
  /** Sends messages in one transaction and waits for it. @throws DevnetError `devnet/transaction-failed` */
  send(key: DevKey, messages: readonly CosmosMessage[]): Promise<TransactionReceipt>;
}

/** A Cosmos chain that is part of connections. */
export interface DevnetCosmosChain extends CosmosDevChain {
  /** Ids of the clients on this chain, by the chain that they track. */
  readonly clientIds: Readonly<Partial<Record<NetworkChain, string>>>;
}

/** Name of a token on a Cosmos chain that came over a client. Source: ICS-20, `ibc/` and the hash of its whole path. */
export const cosmosVoucher = (clientId: string, baseDenom: string): string =>
  `ibc/${bytesToHex(sha256(utf8ToBytes(`transfer/${clientId}/${baseDenom}`)))
    .slice(2)
    .toUpperCase()}`;

const queryBalance = async (rpcUrl: string, address: string, denom: string): Promise<bigint> => {
  const data = bytesToHex(encodeMessage(QueryBalanceRequest, { address, denom })).slice(2);
  const params = { path: '/cosmos.bank.v1beta1.Query/Balance', data, prove: false };
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'abci_query', params }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json()) as { result?: { response: { code: number; value?: string; log: string } } };
  const { code, value, log } = answer.result?.response ?? { code: -1, log: 'no result' };
  if (code !== 0) throw new DevnetError('devnet/transaction-failed', `balance of ${address}: ${log}`);
  const { balance } = QueryBalanceResponse.decode(Buffer.from(value ?? '', 'base64'));
  return BigInt(balance?.amount ?? '0');
};

export const createCosmosDevChain = (name: CosmosName, node: CosmosNode): CosmosDevChain => {
  const chainId = cosmosChainId(name);
  const { rpcUrl } = node;
  const chain = createCosmosChain({ name, chainId, rpcUrl, gasPrice: COSMOS_GAS_PRICE });
  // One sender a key: two would compete for sequences.
  const senders = new Map<string, TxSender>();
  const senderOf = (key: DevKey): TxSender => {
    const sender = senders.get(key.address) ?? chain.createSender(key.signer);
    senders.set(key.address, sender);
    return sender;
  };
  return {
    kind: 'cosmos',
    name,
    chainId,
    rpcUrl,
    denom: COSMOS_DENOM,
    node,
    chain,
    addressOf: cosmosAddressOf,
    balanceOf: (address, denom) => queryBalance(rpcUrl, address, denom),
    async send(key, messages) {
      const tx = encodeMessage(TxBody, TxBody.fromPartial({ messages: [...messages] }));
      const receipt = await senderOf(key).submit({ tx, address: '' });
      if (receipt.success) return receipt;
      const text = `a transaction failed on ${name}: ${receipt.failure}`;
      throw new DevnetError('devnet/transaction-failed', text, { meta: { chain: name } });
    },
  };
};

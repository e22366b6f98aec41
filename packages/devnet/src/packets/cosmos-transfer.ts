import type { TransactionReceipt } from '@interchain-attestation/chains';
import { encodeMessage } from '@interchain-attestation/chains/cosmos';
import { encodeIcs20PacketData, ICS20_PORT, ICS20_VERSION, type Ics20Encoding } from '@interchain-attestation/core';
import { MsgSendPacket } from 'cosmjs-types/ibc/core/channel/v2/tx';
import type { CosmosMessage, DevnetCosmosChain } from '../chain/cosmos-dev-chain.ts';
import { DevnetError } from '../errors.ts';
import type { DevKey } from '../network/keys.ts';
import type { NetworkChain } from '../network/layout.ts';

export interface CosmosTransferOptions {
  readonly chain: DevnetCosmosChain;
  readonly sender: DevKey;
  /** Where to: a chain that this one has a client of. */
  readonly to: NetworkChain;
  /**
   * The token as the application names it: the chain's own coin, or the whole path of a voucher,
   * `transfer/CLIENT/BASE`.
   */
  readonly denom: string;
  readonly amount: bigint;
  /** An address on the other chain, or anything, to see it refused there. */
  readonly receiver: string;
  /** Seconds from the chain's newest block on. Default 600. */
  readonly timeoutSec?: number;
  /** How many packets, all in one transaction. Default 1. */
  readonly count?: number;
  readonly memo?: string;
  /** Default ABI, which both kinds of chain read. */
  readonly encoding?: Ics20Encoding;
}

/**
 * Sends tokens from a Cosmos chain, and waits until the packets are on their way.
 * @throws DevnetError `devnet/transaction-failed`
 */
export const sendCosmosTransfers = async (options: CosmosTransferOptions): Promise<TransactionReceipt> => {
  const { chain, sender, to, denom, amount, receiver, timeoutSec = 600, count = 1, memo = '' } = options;
  const sourceClient = chain.clientIds[to];
  if (sourceClient === undefined) {
    throw new DevnetError('devnet/transaction-failed', `${chain.name} has no client of ${to}`);
  }
  const encoding = options.encoding ?? 'application/x-solidity-abi';
  const { timestampSec } = await chain.chain.reader.latestBlock();
  const signer = chain.addressOf(sender);
  const value = encodeIcs20PacketData({ denom, sender: signer, receiver, amount, memo }, encoding);
  const payload = { sourcePort: ICS20_PORT, destinationPort: ICS20_PORT, version: ICS20_VERSION, encoding, value };
  const message: CosmosMessage = {
    typeUrl: MsgSendPacket.typeUrl,
    value: encodeMessage(MsgSendPacket, {
      sourceClient,
      timeoutTimestamp: timestampSec + BigInt(timeoutSec),
      payloads: [payload],
      signer,
    }),
  };
  return chain.send(
    sender,
    Array.from({ length: count }, () => message),
  );
};

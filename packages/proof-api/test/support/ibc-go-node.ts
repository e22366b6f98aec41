import { createMemorySigner, type TransactionReceipt, type TxSender } from '@interchain-attestation/chains';
import { type CosmosChain, cosmosAddress, createCosmosChain } from '@interchain-attestation/chains/cosmos';
import { utf8ToBytes } from '@interchain-attestation/core';
import { startIbcGoChain } from '@interchain-attestation/go-tools';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { MsgSendPacket } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgRegisterCounterparty } from 'cosmjs-types/ibc/core/client/v2/tx';

/** An app of ibc-go's test application: acknowledges {@link APP_DATA}, and fails for any other data. */
export const APP_PORT = 'mockv2A';
export const APP_DATA: Uint8Array = utf8ToBytes('mock packet data');
const KEY = createMemorySigner(`0x${'55'.repeat(32)}`);

/** A real ibc-go chain. */
export interface IbcGoNode {
  readonly chainId: string;
  /** An adapter of the chain under a name. */
  connect(name: string): CosmosChain;
  /** Signs for the one funded account. */
  readonly sender: TxSender;
  /** Sends packets with one transaction; it is in a block when this resolves. */
  sendPackets(
    count: number,
    clientId: string,
    timeoutSec: bigint,
    destPort: string,
    data?: Uint8Array,
  ): Promise<TransactionReceipt>;
  registerCounterparty(clientId: string, counterpartyClientId: string): Promise<void>;
  nowSec(): Promise<bigint>;
  /** Resolves once a block has this time. */
  untilTime(timestampSec: bigint): Promise<void>;
  stop(): Promise<void>;
}

interface Message {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

const body = (messages: readonly Message[]) => ({
  tx: TxBody.encode(TxBody.fromPartial({ messages: [...messages] })).finish(),
  address: '',
});

export const startIbcGoNode = async (program: string): Promise<IbcGoNode> => {
  const account = cosmosAddress(KEY.publicKey, 'cosmos');
  const chainId = 'gaia-1';
  const node = await startIbcGoChain({
    program,
    chainId,
    timeoutCommitMs: 200,
    accounts: [{ address: account, coins: '1000000000000stake' }],
  });
  const connect = (name: string): CosmosChain =>
    createCosmosChain({ name, chainId, rpcUrl: node.rpcUrl, gasPrice: '0.025stake', requestTimeoutMs: 20_000 });
  const chain = connect('gaia');
  const sender = chain.createSender(KEY);
  const submit = async (...messages: readonly Message[]): Promise<TransactionReceipt> => {
    const receipt = await sender.submit(body(messages));
    if (!receipt.success) throw new Error(receipt.failure);
    return receipt;
  };
  return {
    chainId,
    connect,
    sender,
    sendPackets: (count, clientId, timeoutSec, destPort, data = APP_DATA) => {
      const payload = { sourcePort: APP_PORT, destinationPort: destPort, version: 'v1', encoding: 'raw', value: data };
      const message = { sourceClient: clientId, timeoutTimestamp: timeoutSec, payloads: [payload], signer: account };
      const value = MsgSendPacket.encode(message).finish();
      return submit(...Array.from({ length: count }, () => ({ typeUrl: MsgSendPacket.typeUrl, value })));
    },
    async registerCounterparty(clientId, counterpartyClientId) {
      const message = { clientId, counterpartyClientId, counterpartyMerklePrefix: [new Uint8Array()], signer: account };
      await submit({
        typeUrl: MsgRegisterCounterparty.typeUrl,
        value: MsgRegisterCounterparty.encode(message).finish(),
      });
    },
    nowSec: async () => (await chain.reader.latestBlock()).timestampSec,
    untilTime: (timestampSec) =>
      new Promise((resolve) => {
        const watch = chain.events.watchHeads({
          onHead(head) {
            if (head.timestampSec < timestampSec) return;
            watch.close();
            resolve();
          },
        });
      }),
    async stop() {
      await chain.close();
      await node.stop();
    },
  };
};

import { create, toBinary } from '@bufbuild/protobuf';
import {
  createMemorySigner,
  type PacketEvent,
  type Signer,
  type TxSender,
  type UnsignedTransaction,
} from '@interchain-attestation/chains';
import { type CosmosChain, cosmosAddress, createCosmosChain } from '@interchain-attestation/chains/cosmos';
import {
  encodePacketAttestation,
  encodeStateAttestation,
  hashPath,
  type Packet,
  packetCommitment,
  signingPreimage,
} from '@interchain-attestation/core';
import { type IbcGoChain, startIbcGoChain } from '@interchain-attestation/go-tools';
import { attestations } from '@interchain-attestation/proto';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { FungibleTokenPacketData } from 'cosmjs-types/ibc/applications/transfer/v1/packet';
import { MsgRecvPacket, MsgSendPacket } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgCreateClient, MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { MsgRegisterCounterparty } from 'cosmjs-types/ibc/core/client/v2/tx';

export const CHAIN_ID = 'gaia-1';
/** The chain numbers its clients itself: this one is the first. */
export const CLIENT = 'attestations-0';
const COUNTERPARTY = 'client-9';
/** The height of the other chain at which packets are said to have been sent. */
const SENT_AT = 20n;

const USER = createMemorySigner(`0x${'22'.repeat(32)}`);
/** Says what the other chain, which there is not, is said to hold. */
const OTHER: Signer = createMemorySigner(`0x${'44'.repeat(32)}`);

/** Starts a chain of ibc-go with one account that can pay. */
export const startGaia = (program: string): Promise<IbcGoChain> =>
  startIbcGoChain({
    program,
    chainId: CHAIN_ID,
    timeoutCommitMs: 300,
    accounts: [{ address: cosmosAddress(USER.publicKey, 'cosmos'), coins: '1000000000000stake' }],
  });

export const connectGaia = (rpcUrl: string): CosmosChain =>
  createCosmosChain({
    name: 'gaia',
    chainId: CHAIN_ID,
    rpcUrl,
    gasPrice: '0.025stake',
    finalityCacheMs: 0,
    requestTimeoutMs: 20_000,
  });

const body = (messages: readonly { typeUrl: string; value: Uint8Array }[]): UnsignedTransaction => ({
  tx: TxBody.encode(TxBody.fromPartial({ messages: [...messages] })).finish(),
  address: '',
});

const prove = async (kind: 'state' | 'packet', attestationData: Uint8Array): Promise<Uint8Array> =>
  toBinary(
    attestations.AttestationProofSchema,
    create(attestations.AttestationProofSchema, {
      attestationData,
      signatures: [await OTHER.signRecoverable(signingPreimage(kind, attestationData))],
    }),
  );

/** Moves packets on the chain, as users and a relayer would. */
export interface Gaia {
  /** A packet to the other chain, and the height of the block that it is in. */
  send(): Promise<{ readonly packet: Packet; readonly height: bigint }>;
  /** A packet from the other chain; the chain writes an acknowledgement, an error since nothing stands behind it. */
  receive(sequence: bigint): Promise<{ readonly event: PacketEvent; readonly height: bigint }>;
}

/** Makes a light client that believes {@link OTHER}, and moves packets through it. */
export const prepareGaia = async (chain: CosmosChain): Promise<Gaia> => {
  const user: TxSender = chain.createSender(USER);
  const signer = user.account;
  const { timestampSec } = await chain.reader.latestBlock();
  const timeoutTimestampSec = timestampSec + 3_600n;
  const submit = async (...messages: { typeUrl: string; value: Uint8Array }[]) => {
    const receipt = await user.submit(body(messages));
    if (!receipt.success) throw new Error(receipt.failure);
    return receipt;
  };
  await submit({
    typeUrl: MsgCreateClient.typeUrl,
    value: MsgCreateClient.encode({
      clientState: {
        typeUrl: '/ibc.lightclients.attestations.v1.ClientState',
        value: toBinary(
          attestations.ClientStateSchema,
          create(attestations.ClientStateSchema, {
            attestorAddresses: [OTHER.address],
            minRequiredSigs: 1,
            latestHeight: 5n,
          }),
        ),
      },
      consensusState: {
        typeUrl: '/ibc.lightclients.attestations.v1.ConsensusState',
        value: toBinary(
          attestations.ConsensusStateSchema,
          create(attestations.ConsensusStateSchema, { timestamp: timestampSec * 1_000_000_000n }),
        ),
      },
      signer,
    }).finish(),
  });
  await submit(
    {
      typeUrl: MsgRegisterCounterparty.typeUrl,
      value: MsgRegisterCounterparty.encode({
        clientId: CLIENT,
        counterpartyClientId: COUNTERPARTY,
        counterpartyMerklePrefix: [new Uint8Array()],
        signer,
      }).finish(),
    },
    {
      typeUrl: MsgUpdateClient.typeUrl,
      value: MsgUpdateClient.encode({
        clientId: CLIENT,
        clientMessage: {
          typeUrl: '/ibc.lightclients.attestations.v1.AttestationProof',
          value: await prove('state', encodeStateAttestation({ height: SENT_AT, timestampSec })),
        },
        signer,
      }).finish(),
    },
  );
  return {
    async send() {
      const value = FungibleTokenPacketData.encode({
        denom: 'stake',
        amount: '1',
        sender: signer,
        receiver: OTHER.address,
        memo: '',
      }).finish();
      const { events, height } = await submit({
        typeUrl: MsgSendPacket.typeUrl,
        value: MsgSendPacket.encode({
          sourceClient: CLIENT,
          timeoutTimestamp: timeoutTimestampSec,
          payloads: [
            {
              sourcePort: 'transfer',
              destinationPort: 'transfer',
              version: 'ics20-1',
              encoding: 'application/x-protobuf',
              value,
            },
          ],
          signer,
        }).finish(),
      });
      return { packet: events[0]?.packet as Packet, height };
    },
    async receive(sequence) {
      const sourcePort = 'transfer';
      const destPort = 'transfer';
      const version = 'ics20-1';
      const encoding = 'application/json';
      const value = Buffer.from('{"denom":"nothing","amount":"0","sender":"","receiver":"","memo":""}');
      const ends = { sequence, sourceClient: COUNTERPARTY, destClient: CLIENT, timeoutTimestampSec };
      const packet: Packet = { ...ends, payloads: [{ sourcePort, destPort, version, encoding, value }] };
      const path = hashPath({ kind: 'packet', clientId: COUNTERPARTY, sequence });
      const statement = { height: SENT_AT, packets: [{ path, commitment: packetCommitment(packet) }] };
      const { events, height } = await submit({
        typeUrl: MsgRecvPacket.typeUrl,
        value: MsgRecvPacket.encode(
          MsgRecvPacket.fromPartial({
            packet: {
              sequence,
              sourceClient: COUNTERPARTY,
              destinationClient: CLIENT,
              timeoutTimestamp: timeoutTimestampSec,
              payloads: [{ sourcePort, destinationPort: destPort, version, encoding, value }],
            },
            proofCommitment: await prove('packet', encodePacketAttestation(statement)),
            proofHeight: { revisionNumber: 0n, revisionHeight: SENT_AT },
            signer,
          }),
        ).finish(),
      });
      return { event: events[0] as PacketEvent, height };
    },
  };
};

import { create, toBinary } from '@bufbuild/protobuf';
import type { Address } from '@interchain-attestation/core';
import { attestations } from '@interchain-attestation/proto';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { FungibleTokenPacketData } from 'cosmjs-types/ibc/applications/transfer/v1/packet';
import { MsgSendPacket } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgCreateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { MsgRegisterCounterparty } from 'cosmjs-types/ibc/core/client/v2/tx';
import type { UnsignedTransaction } from '../../src/ports.ts';

interface Any {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** A TxBody with these messages, as the proof API would hand it out. */
export const body = (...messages: readonly Any[]): UnsignedTransaction => ({
  tx: TxBody.encode(TxBody.fromPartial({ messages: [...messages] })).finish(),
  address: '',
});

export const createClient = (options: {
  readonly attestors: readonly Address[];
  readonly minRequiredSigs: number;
  readonly latestHeight: bigint;
  readonly timestampSec: bigint;
  readonly signer: string;
}): Any => {
  const clientState = create(attestations.ClientStateSchema, {
    attestorAddresses: [...options.attestors],
    minRequiredSigs: options.minRequiredSigs,
    latestHeight: options.latestHeight,
    isFrozen: false,
  });
  const consensusState = create(attestations.ConsensusStateSchema, {
    timestamp: options.timestampSec * 1_000_000_000n,
  });
  const value = MsgCreateClient.encode({
    clientState: {
      typeUrl: '/ibc.lightclients.attestations.v1.ClientState',
      value: toBinary(attestations.ClientStateSchema, clientState),
    },
    consensusState: {
      typeUrl: '/ibc.lightclients.attestations.v1.ConsensusState',
      value: toBinary(attestations.ConsensusStateSchema, consensusState),
    },
    signer: options.signer,
  }).finish();
  return { typeUrl: MsgCreateClient.typeUrl, value };
};

export const registerCounterparty = (clientId: string, counterpartyClientId: string, signer: string): Any => ({
  typeUrl: MsgRegisterCounterparty.typeUrl,
  value: MsgRegisterCounterparty.encode({
    clientId,
    counterpartyClientId,
    counterpartyMerklePrefix: [new Uint8Array()],
    signer,
  }).finish(),
});

/** Sends tokens through the client: a packet with one transfer payload. */
export const sendTransfer = (options: {
  readonly clientId: string;
  readonly signer: string;
  readonly timeoutSec: bigint;
  readonly amount?: string;
  readonly memo?: string;
}): Any => ({
  typeUrl: MsgSendPacket.typeUrl,
  value: MsgSendPacket.encode({
    sourceClient: options.clientId,
    timeoutTimestamp: options.timeoutSec,
    payloads: [
      {
        sourcePort: 'transfer',
        destinationPort: 'transfer',
        version: 'ics20-1',
        encoding: 'application/x-protobuf',
        value: FungibleTokenPacketData.encode({
          denom: 'stake',
          amount: options.amount ?? '1',
          sender: options.signer,
          receiver: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
          memo: options.memo ?? '',
        }).finish(),
      },
    ],
    signer: options.signer,
  }).finish(),
});

import type { AttestationProof, Packet } from '@interchain-attestation/core';
import { readProtobufProof } from '@interchain-attestation/light-client';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Packet as ProtoPacket } from 'cosmjs-types/ibc/core/channel/v2/packet';
import { MsgAcknowledgement, MsgRecvPacket, MsgTimeout } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';

export interface DecodedMessage {
  readonly name: 'update' | 'receive' | 'acknowledge' | 'timeout';
  readonly signer: string;
  readonly proof: AttestationProof;
  /** For an update. */
  readonly clientId?: string;
  readonly packet?: Packet;
  readonly acknowledgements?: readonly Uint8Array[];
  readonly height?: { readonly revisionNumber: bigint; readonly revisionHeight: bigint };
}

const toPacket = (packet: ProtoPacket): Packet => ({
  sequence: packet.sequence,
  sourceClient: packet.sourceClient,
  destClient: packet.destinationClient,
  timeoutTimestampSec: packet.timeoutTimestamp,
  payloads: packet.payloads.map(({ destinationPort, value, ...rest }) => ({
    ...rest,
    destPort: destinationPort,
    value: Uint8Array.from(value),
  })),
});

/** Reads an encoded TxBody of client updates and packet messages. */
export const decodeBody = (tx: Uint8Array): readonly DecodedMessage[] =>
  TxBody.decode(tx).messages.map(({ typeUrl, value }): DecodedMessage => {
    switch (typeUrl) {
      case '/ibc.core.client.v1.MsgUpdateClient': {
        const { clientId, clientMessage, signer } = MsgUpdateClient.decode(value);
        if (clientMessage?.typeUrl !== '/ibc.lightclients.attestations.v1.AttestationProof') {
          throw new Error(`client message ${clientMessage?.typeUrl}`);
        }
        return { name: 'update', signer, clientId, proof: readProtobufProof(clientMessage.value) };
      }
      case '/ibc.core.channel.v2.MsgRecvPacket': {
        const { packet, proofCommitment, proofHeight: height, signer } = MsgRecvPacket.decode(value);
        return { name: 'receive', signer, packet: toPacket(packet), proof: readProtobufProof(proofCommitment), height };
      }
      case '/ibc.core.channel.v2.MsgAcknowledgement': {
        const { packet, acknowledgement, proofAcked, proofHeight: height, signer } = MsgAcknowledgement.decode(value);
        const acknowledgements = acknowledgement.appAcknowledgements.map((each) => Uint8Array.from(each));
        const proof = readProtobufProof(proofAcked);
        return { name: 'acknowledge', signer, packet: toPacket(packet), acknowledgements, proof, height };
      }
      case '/ibc.core.channel.v2.MsgTimeout': {
        const { packet, proofUnreceived, proofHeight: height, signer } = MsgTimeout.decode(value);
        return { name: 'timeout', signer, packet: toPacket(packet), proof: readProtobufProof(proofUnreceived), height };
      }
      default:
        throw new Error(`unexpected message ${typeUrl}`);
    }
  });

import type { Packet } from '@interchain-attestation/core';
import { TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Acknowledgement, Packet as ProtoPacket } from 'cosmjs-types/ibc/core/channel/v2/packet';
import { MsgAcknowledgement } from 'cosmjs-types/ibc/core/channel/v2/tx';

/**
 * A packet from its protobuf form.
 * @throws Error when the bytes do not decode
 */
export const decodeProtoPacket = (bytes: Uint8Array): Packet => {
  const packet = ProtoPacket.decode(bytes);
  return {
    sequence: packet.sequence,
    sourceClient: packet.sourceClient,
    destClient: packet.destinationClient,
    timeoutTimestampSec: packet.timeoutTimestamp,
    payloads: packet.payloads.map(({ sourcePort, destinationPort, version, encoding, value }) => ({
      sourcePort,
      destPort: destinationPort,
      version,
      encoding,
      // A copy: decoded bytes are a view into the whole packet.
      value: Uint8Array.from(value),
    })),
  };
};

/**
 * The acknowledgements of a packet's payloads.
 * @throws Error when the bytes do not decode
 */
export const decodeProtoAcknowledgement = (bytes: Uint8Array): readonly Uint8Array[] =>
  Acknowledgement.decode(bytes).appAcknowledgements.map((ack) => Uint8Array.from(ack));

/**
 * The acknowledgement with which a transaction acknowledged this packet. ibc-go's event says which packet it was and not
 * with what, so it is looked up among the messages; empty when a message of another module carried it.
 * @throws Error when the transaction does not decode
 */
export const deliveredAcknowledgement = (tx: Uint8Array, packet: Packet): Uint8Array => {
  for (const { typeUrl, value } of TxBody.decode(TxRaw.decode(tx).bodyBytes).messages) {
    if (typeUrl !== MsgAcknowledgement.typeUrl) continue;
    const message = MsgAcknowledgement.decode(value);
    if (message.packet.sequence !== packet.sequence || message.packet.sourceClient !== packet.sourceClient) continue;
    return Uint8Array.from(message.acknowledgement.appAcknowledgements[0] ?? []);
  }
  return new Uint8Array();
};

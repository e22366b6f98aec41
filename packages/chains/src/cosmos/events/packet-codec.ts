import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Packet, Payload } from '@interchain-attestation/core';
import { TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Acknowledgement } from 'cosmjs-types/ibc/core/channel/v2/packet';
import { MsgAcknowledgement } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { decodePacketText } from '../../packet-text.ts';

type ReadField = (reader: BinaryReader) => void;

/** Hands the fields of a message to `fields`, by number; unknown ones are passed over. */
const readMessage = (bytes: Uint8Array, fields: Readonly<Record<number, ReadField>>): void => {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const read = fields[number];
    if (read === undefined) reader.skip(type);
    else read(reader);
  }
};

const decodePayload = (bytes: Uint8Array): Payload => {
  const payload = { sourcePort: '', destPort: '', version: '', encoding: '', value: new Uint8Array() };
  readMessage(bytes, {
    1: (reader) => {
      payload.sourcePort = decodePacketText(reader.bytes());
    },
    2: (reader) => {
      payload.destPort = decodePacketText(reader.bytes());
    },
    3: (reader) => {
      payload.version = decodePacketText(reader.bytes());
    },
    4: (reader) => {
      payload.encoding = decodePacketText(reader.bytes());
    },
    5: (reader) => {
      // A copy: decoded bytes are a view into the whole packet.
      payload.value = Uint8Array.from(reader.bytes());
    },
  });
  return payload;
};

/**
 * A packet from its protobuf form. Read here and not by cosmjs-types, which misreads text of more than 8,192 characters
 * where a surrogate pair stands at a multiple of that.
 * @throws Error when the bytes do not decode
 */
export const decodeProtoPacket = (bytes: Uint8Array): Packet => {
  const packet = { sequence: 0n, sourceClient: '', destClient: '', timeoutTimestampSec: 0n };
  const payloads: Payload[] = [];
  readMessage(bytes, {
    1: (reader) => {
      packet.sequence = BigInt(reader.uint64());
    },
    2: (reader) => {
      packet.sourceClient = decodePacketText(reader.bytes());
    },
    3: (reader) => {
      packet.destClient = decodePacketText(reader.bytes());
    },
    4: (reader) => {
      packet.timeoutTimestampSec = BigInt(reader.uint64());
    },
    5: (reader) => {
      payloads.push(decodePayload(reader.bytes()));
    },
  });
  return { ...packet, payloads };
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

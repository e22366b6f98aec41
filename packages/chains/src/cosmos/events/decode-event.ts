import { type Hex, hexToBytes } from '@interchain-attestation/core';
import type { PacketEvent } from '../../ports.ts';
import type { AbciEvent } from './block-results.ts';
import { decodeProtoAcknowledgement, decodeProtoPacket, deliveredAcknowledgement } from './packet-codec.ts';

/** Where events were made: by a transaction, or by a block itself. */
export interface EventsPlace {
  readonly height: bigint;
  readonly blockHash: Hex;
  /** Hash of the transaction, or of the block. */
  readonly txId: Hex;
  /** Position of the transaction in its block; the block's own come after all. */
  readonly txIndex: number;
  /** Bytes of the transaction; undefined for the block's own. */
  readonly tx?: Uint8Array | undefined;
}

/** More events than one transaction can make within any gas limit: positions in a block stay in order. */
const EVENTS_PER_TX = 1_000_000;

const TYPES: Readonly<Record<string, PacketEvent['type']>> = {
  send_packet: 'send',
  write_acknowledgement: 'write-acknowledgement',
  acknowledge_packet: 'acknowledge',
  timeout_packet: 'timeout',
};

const attribute = (event: AbciEvent, key: string): string => {
  const found = event.attributes.filter((entry) => entry.key === key);
  // Once: an event that says two things about one packet is none of ibc-go's.
  if (found.length !== 1) throw new Error(`${event.type} has ${found.length} attributes ${key}`);
  return (found[0] as { value: string }).value;
};

const hexAttribute = (event: AbciEvent, key: string): Uint8Array => hexToBytes(`0x${attribute(event, key)}`);

/** Whether an event is about an IBC v2 packet. ibc-go's v1 channels make events of the same names; theirs encode none. */
export const isPacketEvent = (event: AbciEvent): boolean =>
  TYPES[event.type] !== undefined && event.attributes.some(({ key }) => key === 'encoded_packet_hex');

const decodeEvent = (event: AbciEvent, place: EventsPlace, index: number): PacketEvent => {
  const packet = decodeProtoPacket(hexAttribute(event, 'encoded_packet_hex'));
  if (
    attribute(event, 'packet_sequence') !== packet.sequence.toString() ||
    attribute(event, 'packet_source_client') !== packet.sourceClient ||
    attribute(event, 'packet_dest_client') !== packet.destClient
  ) {
    throw new Error(`${event.type} names another packet than it encodes`);
  }
  const { height, blockHash, txId, txIndex } = place;
  const base = { height, blockHash, txId, index: txIndex * EVENTS_PER_TX + index, packet };
  const type = TYPES[event.type] as PacketEvent['type'];
  if (type === 'write-acknowledgement') {
    const acknowledgements = decodeProtoAcknowledgement(hexAttribute(event, 'encoded_acknowledgement_hex'));
    return { ...base, type, acknowledgements };
  }
  if (type === 'acknowledge') {
    const acknowledgement = place.tx === undefined ? new Uint8Array() : deliveredAcknowledgement(place.tx, packet);
    return { ...base, type, acknowledgement };
  }
  return { ...base, type };
};

/**
 * Packet events of one transaction, or of a block itself, in order.
 * @throws Error for an event that does not decode: it is never passed over, a packet would be lost
 */
export const packetEvents = (events: readonly AbciEvent[], place: EventsPlace): readonly PacketEvent[] =>
  events.flatMap((event, index) => (isPacketEvent(event) ? [decodeEvent(event, place, index)] : []));

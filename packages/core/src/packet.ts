import { AbiReader } from './abi/reader.ts';
import { AbiWriter, padded } from './abi/writer.ts';
import { utf8ToBytes } from './bytes.ts';

/** One application's message inside a packet. Source: IBC v2, wire format section 4. */
export interface Payload {
  readonly sourcePort: string;
  readonly destPort: string;
  readonly version: string;
  readonly encoding: string;
  readonly value: Uint8Array;
}

/** An IBC v2 packet. */
export interface Packet {
  readonly sequence: bigint;
  readonly sourceClient: string;
  readonly destClient: string;
  /** Unix seconds. */
  readonly timeoutTimestampSec: bigint;
  readonly payloads: readonly Payload[];
}

const payloadParts = (payload: Payload): Uint8Array[] => [
  utf8ToBytes(payload.sourcePort),
  utf8ToBytes(payload.destPort),
  utf8ToBytes(payload.version),
  utf8ToBytes(payload.encoding),
  payload.value,
];

const tailBytes = (part: Uint8Array): number => 32 + padded(part.length);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * `abi.encode(Packet)`: the form in which packets travel to an attestor, whatever the chain.
 * @throws CoreError `number/out-of-range`
 */
export const encodePacket = (packet: Packet): Uint8Array => {
  const clients = [utf8ToBytes(packet.sourceClient), utf8ToBytes(packet.destClient)] as const;
  const payloads = packet.payloads.map(payloadParts);
  const payloadSizes = payloads.map((parts) => 160 + sum(parts.map(tailBytes)));
  const payloadsAt = 160 + tailBytes(clients[0]) + tailBytes(clients[1]);
  const writer = new AbiWriter(32 + payloadsAt + 32 + 32 * payloads.length + sum(payloadSizes))
    .size(32)
    .uint64(packet.sequence, 'sequence')
    .size(160)
    .size(160 + tailBytes(clients[0]))
    .uint64(packet.timeoutTimestampSec, 'timeoutTimestamp')
    .size(payloadsAt)
    .bytes(clients[0])
    .bytes(clients[1])
    .size(payloads.length);
  let offset = 32 * payloads.length;
  for (const size of payloadSizes) {
    writer.size(offset);
    offset += size;
  }
  for (const parts of payloads) {
    let at = 160;
    for (const part of parts) {
      writer.size(at);
      at += tailBytes(part);
    }
    for (const part of parts) writer.bytes(part);
  }
  return writer.data;
};

const readPayload = (reader: AbiReader, at: number): Payload => {
  const text = (index: number, what: string): string =>
    reader.string(reader.follow(at + 32 * index, at, 32, what), what);
  return {
    sourcePort: text(0, 'sourcePort'),
    destPort: text(1, 'destPort'),
    version: text(2, 'version'),
    encoding: text(3, 'encoding'),
    value: reader.bytes(reader.follow(at + 128, at, 32, 'value'), 'value'),
  };
};

/**
 * Strict decoder of `abi.encode(Packet)`: only the canonical form, strings in valid UTF-8.
 * `payload.value` is a view into `data`.
 * @throws CoreError `abi/truncated`, `abi/offset-out-of-range`, `abi/length-out-of-range`, `abi/dirty-bits`,
 * `abi/invalid-utf8`, `abi/non-canonical`
 */
export const decodePacket = (data: Uint8Array): Packet => {
  const reader = new AbiReader(data, { strict: true });
  const struct = reader.follow(0, 0, 160, 'Packet');
  const text = (index: number, what: string): string =>
    reader.string(reader.follow(struct + 32 * index, struct, 32, what), what);
  // In the order of an encoder, since the reader is strict: strings, then payloads.
  const sourceClient = text(1, 'sourceClient');
  const destClient = text(2, 'destClient');
  const array = reader.follow(struct + 128, struct, 32, 'payloads');
  const heads = array + 32;
  const payloads = Array.from({ length: reader.length(array, 32, 'payloads') }, (_, i) =>
    readPayload(reader, reader.follow(heads + 32 * i, heads, 160, 'payload')),
  );
  reader.finish('Packet');
  return {
    sequence: reader.uint64(struct, 'sequence'),
    sourceClient,
    destClient,
    timeoutTimestampSec: reader.uint64(struct + 96, 'timeoutTimestamp'),
    payloads,
  };
};

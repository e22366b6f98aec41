import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { Packet, Payload } from '@interchain-attestation/core';
import type { Leg } from '../domain/packet-state.ts';
import { refuse, type TransactionContent } from './transaction-content.ts';

const UPDATE_CLIENT = '/ibc.core.client.v1.MsgUpdateClient';
const MESSAGES: ReadonlyMap<string, Leg> = new Map([
  ['/ibc.core.channel.v2.MsgRecvPacket', 'receive'],
  ['/ibc.core.channel.v2.MsgAcknowledgement', 'acknowledge'],
  ['/ibc.core.channel.v2.MsgTimeout', 'timeout'],
]);

/** Fields of TxBody: messages, memo, timeout_height. Extension options could change what the rest means. */
const BODY_FIELDS: readonly number[] = [1, 2, 3];
const PACKET_FIELDS: readonly number[] = [1, 2, 3, 4, 5];

type Field = bigint | Uint8Array;
type Fields = ReadonlyMap<number, readonly Field[]>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const readFields = (bytes: Uint8Array, what: string, known?: readonly number[]): Fields => {
  const fields = new Map<number, Field[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type !== WireType.Varint && type !== WireType.LengthDelimited)
      refuse(`has a field of wire type ${type} in ${what}`);
    if (known?.includes(number) === false) refuse(`has the unknown field ${number} in ${what}`);
    const value = type === WireType.Varint ? BigInt(reader.uint64()) : reader.bytes();
    const list = fields.get(number) ?? [];
    list.push(value);
    fields.set(number, list);
  }
  return fields;
};

/** A field that occurs at most once: decoders differ in whether they merge, append or replace further ones. */
const single = (fields: Fields, number: number, what: string): Field | undefined => {
  const [value, ...more] = fields.get(number) ?? [];
  return more.length === 0 ? value : refuse(`has ${what} more than once`);
};

const bytesOf = (fields: Fields, number: number, what: string): Uint8Array => {
  const value = single(fields, number, what) ?? new Uint8Array();
  return typeof value === 'bigint' ? refuse(`has a number for ${what}`) : value;
};

const textOf = (fields: Fields, number: number, what: string): string => utf8.decode(bytesOf(fields, number, what));

const numberOf = (fields: Fields, number: number, what: string): bigint => {
  const value = single(fields, number, what) ?? 0n;
  return typeof value === 'bigint' ? value : refuse(`has bytes for ${what}`);
};

const repeated = (fields: Fields, number: number, what: string): readonly Uint8Array[] =>
  (fields.get(number) ?? []).map((value) => (typeof value === 'bigint' ? refuse(`has a number for ${what}`) : value));

const readPayload = (bytes: Uint8Array): Payload => {
  const fields = readFields(bytes, 'a payload', PACKET_FIELDS);
  return {
    sourcePort: textOf(fields, 1, 'source_port'),
    destPort: textOf(fields, 2, 'destination_port'),
    version: textOf(fields, 3, 'version'),
    encoding: textOf(fields, 4, 'encoding'),
    value: bytesOf(fields, 5, 'value'),
  };
};

const readPacket = (bytes: Uint8Array): Packet => {
  const fields = readFields(bytes, 'a packet', PACKET_FIELDS);
  return {
    sequence: numberOf(fields, 1, 'sequence'),
    sourceClient: textOf(fields, 2, 'source_client'),
    destClient: textOf(fields, 3, 'destination_client'),
    timeoutTimestampSec: numberOf(fields, 4, 'timeout_timestamp'),
    payloads: repeated(fields, 5, 'payloads').map(readPayload),
  };
};

/**
 * Reads an encoded TxBody of client updates and packet messages.
 * @throws RelayerError `relayer/foreign-transaction` for any other message; Error for what does not read
 */
export const readCosmosTransaction = (tx: Uint8Array, maxMessages: number): TransactionContent => {
  const all = repeated(readFields(tx, 'TxBody', BODY_FIELDS), 1, 'messages');
  if (all.length > maxMessages) refuse(`has ${all.length} messages where at most ${maxMessages} were to be expected`);
  const updates: string[] = [];
  const messages: TransactionContent['messages'][number][] = [];
  for (const any of all) {
    const fields = readFields(any, 'a message');
    const type = textOf(fields, 1, 'type_url');
    const content = readFields(bytesOf(fields, 2, 'value'), type.slice(0, 80));
    const leg = MESSAGES.get(type);
    if (leg !== undefined) messages.push({ leg, packet: readPacket(bytesOf(content, 1, 'packet')) });
    else if (type === UPDATE_CLIENT) updates.push(textOf(content, 1, 'client_id'));
    else refuse(`has a message ${type.slice(0, 80)}`);
  }
  return { updates, messages };
};

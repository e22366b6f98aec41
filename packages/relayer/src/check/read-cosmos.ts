import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { Packet, Payload } from '@interchain-attestation/core';
import type { Leg } from '../domain/packet-state.ts';
import { refuse, type TransactionContent } from './transaction-content.ts';

/** Client messages of other types can do other things: freeze the client, for one. */
const CLIENT_MESSAGE = '/ibc.lightclients.attestations.v1.AttestationProof';

/** Fields of a message, and which of them names who signs. Source: wire format, section 4. */
interface Shape {
  readonly fields: readonly number[];
  readonly signer: number;
}
const UPDATE_CLIENT: Shape & { readonly type: string } = {
  type: '/ibc.core.client.v1.MsgUpdateClient',
  fields: [1, 2, 3],
  signer: 3,
};
/** The proof, and the height that it is of, behind it. */
interface PacketShape extends Shape {
  readonly leg: Leg;
  readonly proof: number;
}
const MESSAGES: ReadonlyMap<string, PacketShape> = new Map([
  ['/ibc.core.channel.v2.MsgRecvPacket', { leg: 'receive', fields: [1, 2, 3, 4], proof: 2, signer: 4 }],
  ['/ibc.core.channel.v2.MsgAcknowledgement', { leg: 'acknowledge', fields: [1, 2, 3, 4, 5], proof: 3, signer: 5 }],
  ['/ibc.core.channel.v2.MsgTimeout', { leg: 'timeout', fields: [1, 2, 3, 5], proof: 2, signer: 5 }],
]);

/** Of TxBody: messages, memo, timeout_height. Extension options and unordered transactions change what the rest means. */
const BODY_FIELDS: readonly number[] = [1, 2, 3];
const ANY_FIELDS: readonly number[] = [1, 2];
const PACKET_FIELDS: readonly number[] = [1, 2, 3, 4, 5];
/** Of an attestation proof: data and signatures. Of a height: revision and number. */
const PAIR_FIELDS: readonly number[] = [1, 2];

type Field = bigint | Uint8Array;
type Fields = ReadonlyMap<number, readonly Field[]>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const readFields = (bytes: Uint8Array, what: string, known: readonly number[]): Fields => {
  const fields = new Map<number, Field[]>();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type !== WireType.Varint && type !== WireType.LengthDelimited)
      refuse(`has a field of wire type ${type} in ${what}`);
    if (!known.includes(number)) refuse(`has the unknown field ${number} in ${what}`);
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

interface TypedValue {
  readonly type: string;
  readonly value: Uint8Array;
}

const readAny = (bytes: Uint8Array, what: string): TypedValue => {
  const fields = readFields(bytes, what, ANY_FIELDS);
  return { type: textOf(fields, 1, 'type_url'), value: bytesOf(fields, 2, 'value') };
};

/**
 * Proofs are the chain's to judge, but it passes over what it does not know in them: nothing of that may be paid for. A
 * signature or a byte of the data too many fails there, and is seen before anything is sent.
 */
const assertPlainProof = (bytes: Uint8Array): void => {
  const fields = readFields(bytes, 'a proof', PAIR_FIELDS);
  bytesOf(fields, 1, 'attestation_data');
  repeated(fields, 2, 'signatures');
};

const assertPlainHeight = (bytes: Uint8Array): void => {
  const fields = readFields(bytes, 'a height', PAIR_FIELDS);
  numberOf(fields, 1, 'revision_number');
  numberOf(fields, 2, 'revision_height');
};

/** Messages of the body, which holds nothing else: a memo would be ours to answer for, a timeout height is the sender's. */
const readBody = (tx: Uint8Array, maxMessages: number): readonly TypedValue[] => {
  const fields = readFields(tx, 'TxBody', BODY_FIELDS);
  const all = repeated(fields, 1, 'messages');
  if (all.length > maxMessages) refuse(`has ${all.length} messages where at most ${maxMessages} were to be expected`);
  if (bytesOf(fields, 2, 'memo').length > 0) refuse('has a memo');
  if (numberOf(fields, 3, 'timeout_height') !== 0n) refuse('has a timeout height');
  return all.map((bytes) => readAny(bytes, 'a message'));
};

/**
 * Reads an encoded TxBody: updates of clients with an attestation proof, then packet messages.
 * @throws RelayerError `relayer/foreign-transaction` for anything else in it; Error for what does not read
 */
export const readCosmosTransaction = (tx: Uint8Array, maxMessages: number): TransactionContent => {
  const updates: string[] = [];
  const messages: TransactionContent['messages'][number][] = [];
  const signers = new Set<string>();
  for (const { type, value } of readBody(tx, maxMessages)) {
    const packetMessage = MESSAGES.get(type);
    const shape =
      type === UPDATE_CLIENT.type ? UPDATE_CLIENT : (packetMessage ?? refuse(`has a message ${type.slice(0, 80)}`));
    const fields = readFields(value, type, shape.fields);
    const signer = textOf(fields, shape.signer, 'signer');
    if (signer !== '') signers.add(signer);
    if (packetMessage !== undefined) {
      const { leg, proof } = packetMessage;
      assertPlainProof(bytesOf(fields, proof, 'proof'));
      assertPlainHeight(bytesOf(fields, proof + 1, 'proof_height'));
      if (leg === 'acknowledge') readFields(bytesOf(fields, 2, 'acknowledgement'), 'an acknowledgement', [1]);
      messages.push({ leg, packet: readPacket(bytesOf(fields, 1, 'packet')) });
      continue;
    }
    if (messages.length > 0) refuse('updates a client after a packet');
    const client = readAny(bytesOf(fields, 2, 'client_message'), 'a client message');
    if (client.type !== CLIENT_MESSAGE) refuse(`updates with a client message ${client.type.slice(0, 80)}`);
    assertPlainProof(client.value);
    updates.push(textOf(fields, 1, 'client_id'));
  }
  return { updates, messages, signers: [...signers] };
};

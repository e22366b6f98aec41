import {
  ackCommitment,
  type CommitmentKind,
  decodeIcs20PacketData,
  encodeIcs20PacketData,
  encodePath,
  type Ics20Encoding,
  type Ics20PacketData,
  isAttestationError,
  type Packet,
  packetCommitment,
  signingDigest,
  utf8ToBytes,
} from '@interchain-attestation/core';
import type { OracleAnswer, OracleClient } from '@interchain-attestation/go-tools';
import { ProtobufWriter } from '../../src/protobuf-writer.ts';
import { createRandom, type Random } from '../generate/random.ts';
import { bare } from '../ibc-go/cases.ts';
import { oddTransfer } from './odd-transfers.ts';
import { somePacket, someText, someTransfer, someUint64 } from './values.ts';

/** What was compared: a difference, if there is one. */
export type Comparison = () => Promise<string | undefined>;

const ENCODINGS: readonly Ics20Encoding[] = [
  'application/json',
  'application/x-protobuf',
  'application/x-solidity-abi',
];

/** Protobuf `ibc.core.channel.v2.Packet`. */
const packetBytes = (packet: Packet): Uint8Array => {
  const writer = new ProtobufWriter()
    .uint64(1, packet.sequence)
    .bytes(2, utf8ToBytes(packet.sourceClient))
    .bytes(3, utf8ToBytes(packet.destClient))
    .uint64(4, packet.timeoutTimestampSec);
  for (const payload of packet.payloads) {
    const { sourcePort, destPort, version, encoding, value } = payload;
    const inner = new ProtobufWriter();
    for (const [i, text] of [sourcePort, destPort, version, encoding].entries()) inner.bytes(i + 1, utf8ToBytes(text));
    writer.bytes(5, inner.bytes(5, value).finish(), 'repeated');
  }
  return writer.finish();
};

const expectHex = (what: string, ours: Uint8Array, { hex }: OracleAnswer): string | undefined =>
  hex === bare(ours) ? undefined : `${what}: ibc-go ${hex}, TypeScript ${bare(ours)}`;

const comparePacket = async (oracle: OracleClient, random: Random): Promise<string | undefined> => {
  const packet = somePacket(random);
  const answer = await oracle.request('packetCommitment', { packet: bare(packetBytes(packet)) });
  return expectHex('packet commitment', packetCommitment(packet), answer);
};

const compareAck = async (oracle: OracleClient, random: Random): Promise<string | undefined> => {
  const acks = Array.from({ length: random.int(4) }, () => random.bytes(random.pick([0, 1, 20, 32, 33, 100])));
  return expectHex(
    'ack commitment',
    ackCommitment(acks),
    await oracle.request('ackCommitment', { acks: acks.map(bare) }),
  );
};

const comparePath = async (oracle: OracleClient, random: Random): Promise<string | undefined> => {
  const kind: CommitmentKind = random.pick(['packet', 'receipt', 'acknowledgement']);
  const path = { kind, clientId: `c${someText(random)}`, sequence: someUint64(random) };
  const answer = await oracle.request('path', { ...path, sequence: String(path.sequence) });
  return expectHex(`${kind} path`, encodePath(path), answer);
};

const compareDigest = async (oracle: OracleClient, random: Random): Promise<string | undefined> => {
  const kind = random.pick(['state', 'packet'] as const);
  const data = random.bytes(random.int(200));
  return expectHex(
    'signing digest',
    signingDigest(kind, data),
    await oracle.request('digest', { kind, data: bare(data) }),
  );
};

const compareEncoding = async (oracle: OracleClient, random: Random): Promise<string | undefined> => {
  const transfer = someTransfer(random);
  const encoding = random.pick(ENCODINGS);
  const ours = encodeIcs20PacketData(transfer, encoding);
  const answer = await oracle.request('encodeIcs20', { ...transfer, amount: String(transfer.amount), encoding });
  if (!answer.ok) return `${encoding}: ibc-go does not encode ${transfer.denom}: ${answer.message}`;
  return expectHex(encoding, ours, answer) ?? compareDecoding(oracle, ours, encoding, 'must agree');
};

const tryDecode = (bytes: Uint8Array, encoding: Ics20Encoding): Ics20PacketData | undefined => {
  try {
    return decodeIcs20PacketData(bytes, encoding);
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    return undefined;
  }
};

/** What ibc-go refuses beyond the encoding: the application's own rules, which `core` leaves to the application. */
const breaksGoRules = ({ amount, sender, receiver, denom }: Ics20PacketData, message: string): boolean =>
  amount === 0n ||
  [sender, receiver, denom].some((text) => text.trim() === '') ||
  // The ports and clients that a denom came through must be identifiers.
  message.includes('invalid trace');

/**
 * Decoded bytes: what we take, ibc-go must take for the same transfer, or refuse for a rule that is not one of encoding.
 * What ibc-go takes beyond that is its laxness, from which `core` keeps away: two readers must not see two transfers.
 */
const compareDecoding = async (
  oracle: OracleClient,
  bytes: Uint8Array,
  encoding: Ics20Encoding,
  strictness: 'must agree' | 'may be stricter',
): Promise<string | undefined> => {
  const ours = tryDecode(bytes, encoding);
  const answer = await oracle.request('decodeIcs20', { data: bare(bytes), encoding });
  if (ours === undefined) {
    return strictness === 'must agree' ? `${encoding}: TypeScript does not decode ${bare(bytes)}` : undefined;
  }
  if (!answer.ok) {
    const message = String(answer.message ?? answer.panic);
    return breaksGoRules(ours, message) ? undefined : `${encoding}: ibc-go refuses ${bare(bytes)}: ${message}`;
  }
  const theirs = [answer.denom, answer.amount, answer.sender, answer.receiver, answer.memo];
  const mine = [ours.denom, String(ours.amount), ours.sender, ours.receiver, ours.memo];
  return JSON.stringify(theirs) === JSON.stringify(mine)
    ? undefined
    : `${encoding}: ${bare(bytes)}\n  ibc-go     ${JSON.stringify(theirs)}\n  TypeScript ${JSON.stringify(mine)}`;
};

const compareOdd = (oracle: OracleClient, random: Random): Promise<string | undefined> => {
  const encoding = random.pick(['application/json', ...ENCODINGS] as const);
  return compareDecoding(oracle, oddTransfer(random, encoding), encoding, 'may be stricter');
};

const COMPARISONS = [comparePacket, compareAck, comparePath, compareDigest, compareEncoding, compareOdd, compareOdd];

/** Differences between ibc-go and `core` over generated packets, acknowledgements, paths and transfers. */
export const compareWithGo = async (oracle: OracleClient, seed: string, count: number): Promise<string[]> => {
  const results = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const random = createRandom(`${seed}/wire/${i}`);
      const difference = await random.pick(COMPARISONS)(oracle, random);
      return difference === undefined ? [] : [`seed ${seed} case ${i}, ${difference}`];
    }),
  );
  return results.flat();
};

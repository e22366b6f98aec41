import {
  type Address,
  bytesToHex,
  type Hex,
  hexToBytes,
  keccak256,
  type Packet,
  utf8ToBytes,
} from '@interchain-attestation/core';
import { type Abi, decodeEventLog, parseAbi, toEventSelector } from 'viem';
import type { PacketEvent } from '../../ports.ts';
import { malformed, parseBytes, parseHash, parseQuantity } from '../rpc/quantity.ts';

const abi: Abi = parseAbi([
  'struct Payload { string sourcePort; string destPort; string version; string encoding; bytes value; }',
  'struct Packet { uint64 sequence; string sourceClient; string destClient; uint64 timeoutTimestamp; Payload[] payloads; }',
  'event SendPacket(string indexed clientId, uint256 indexed sequence, Packet packet)',
  'event WriteAcknowledgement(string indexed clientId, uint256 indexed sequence, Packet packet, bytes[] acknowledgements)',
  'event AckPacket(string indexed clientId, uint256 indexed sequence, Packet packet, bytes acknowledgement)',
  'event TimeoutPacket(string indexed clientId, uint256 indexed sequence, Packet packet)',
]);

/** First topics of the events this package reads, in the order of {@link PacketEvent} types. */
export const PACKET_TOPICS: readonly Hex[] = abi.map((item) => {
  if (item.type !== 'event') throw new Error('only events belong here');
  return toEventSelector(item);
});

/** A log as a node gives it; only what is read. */
export interface RawLog {
  readonly address?: unknown;
  readonly topics?: unknown;
  readonly data?: unknown;
  readonly blockNumber?: unknown;
  readonly blockHash?: unknown;
  readonly transactionHash?: unknown;
  readonly logIndex?: unknown;
  readonly removed?: unknown;
}

interface RawPacket {
  readonly sequence: bigint;
  readonly sourceClient: string;
  readonly destClient: string;
  readonly timeoutTimestamp: bigint;
  readonly payloads: readonly {
    readonly sourcePort: string;
    readonly destPort: string;
    readonly version: string;
    readonly encoding: string;
    readonly value: Hex;
  }[];
}

interface Decoded {
  readonly eventName: 'SendPacket' | 'WriteAcknowledgement' | 'AckPacket' | 'TimeoutPacket';
  readonly args: {
    readonly clientId: Hex;
    readonly sequence: bigint;
    readonly packet: RawPacket;
    readonly acknowledgements?: readonly Hex[];
    readonly acknowledgement?: Hex;
  };
}

const toPacket = (raw: RawPacket): Packet => ({
  sequence: raw.sequence,
  sourceClient: raw.sourceClient,
  destClient: raw.destClient,
  timeoutTimestampSec: raw.timeoutTimestamp,
  payloads: raw.payloads.map((payload) => ({ ...payload, value: hexToBytes(payload.value) })),
});

const decode = (log: RawLog): Decoded => {
  if (!Array.isArray(log.topics)) throw malformed('log');
  const data = bytesToHex(parseBytes(log.data, 'log data'));
  const topics = log.topics.map((topic) => parseHash(topic, 'log topic')) as [Hex, ...Hex[]];
  try {
    return decodeEventLog({ abi, data, topics, strict: true }) as unknown as Decoded;
  } catch {
    throw malformed('packet event');
  }
};

/** True for a log of the router that names a packet, and that no reorg took back. */
export const isPacketLog = (log: RawLog, router: Address): boolean =>
  typeof log.address === 'string' &&
  log.address.toLowerCase() === router.toLowerCase() &&
  log.removed !== true &&
  Array.isArray(log.topics) &&
  typeof log.topics[0] === 'string' &&
  PACKET_TOPICS.includes(log.topics[0].toLowerCase() as Hex);

/**
 * Decodes a log for which {@link isPacketLog} holds.
 * @throws ChainError `chain/unavailable` when topics and data contradict each other or do not decode
 */
export const decodePacketLog = (log: RawLog): PacketEvent => {
  const { eventName, args } = decode(log);
  const packet = toPacket(args.packet);
  const clientId = eventName === 'WriteAcknowledgement' ? packet.destClient : packet.sourceClient;
  if (packet.sequence !== args.sequence || bytesToHex(keccak256(utf8ToBytes(clientId))) !== args.clientId) {
    throw malformed('packet event');
  }
  const place = {
    height: parseQuantity(log.blockNumber, 'block number'),
    blockHash: parseHash(log.blockHash, 'block hash'),
    txId: parseHash(log.transactionHash, 'transaction hash'),
    index: Number(parseQuantity(log.logIndex, 'log index')),
  };
  switch (eventName) {
    case 'SendPacket':
      return { ...place, type: 'send', packet };
    case 'WriteAcknowledgement':
      return {
        ...place,
        type: 'write-acknowledgement',
        packet,
        acknowledgements: (args.acknowledgements ?? []).map((ack) => hexToBytes(ack)),
      };
    case 'AckPacket':
      return { ...place, type: 'acknowledge', packet, acknowledgement: hexToBytes(args.acknowledgement ?? '0x') };
    case 'TimeoutPacket':
      return { ...place, type: 'timeout', packet };
  }
};

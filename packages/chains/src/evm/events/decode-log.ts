import {
  type Address,
  bytesToHex,
  type Hex,
  hexToBytes,
  keccak256,
  type Packet,
  utf8ToBytes,
} from '@interchain-attestation/core';
import { type AbiParameter, decodeAbiParameters, parseAbiItem, parseAbiParameters, toEventSelector } from 'viem';
import { decodePacketText } from '../../packet-text.ts';
import type { PacketEvent } from '../../ports.ts';
import { malformed, parseBytes, parseHash, parseQuantity } from '../rpc/quantity.ts';

const PACKET = [
  'struct Payload { string sourcePort; string destPort; string version; string encoding; bytes value; }',
  'struct Packet { uint64 sequence; string sourceClient; string destClient; uint64 timeoutTimestamp; Payload[] payloads; }',
] as const;
/** The same bytes, with text left as it is: viem's decoder drops a mark at its beginning. */
const AS_BYTES: readonly string[] = PACKET.map((struct) => struct.replaceAll('string', 'bytes'));

type EventName = 'SendPacket' | 'WriteAcknowledgement' | 'AckPacket' | 'TimeoutPacket';

/** What each event holds beside client id (hashed) and sequence, which are topics. */
const DATA: Readonly<Record<EventName, string>> = {
  SendPacket: 'Packet packet',
  WriteAcknowledgement: 'Packet packet, bytes[] acknowledgements',
  AckPacket: 'Packet packet, bytes acknowledgement',
  TimeoutPacket: 'Packet packet',
};

interface Layout {
  readonly name: EventName;
  readonly data: readonly AbiParameter[];
}

/** By first topic. */
const LAYOUTS: ReadonlyMap<Hex, Layout> = new Map(
  Object.entries(DATA).map(([name, data]): [Hex, Layout] => {
    const signature = `event ${name}(string indexed clientId, uint256 indexed sequence, ${data})`;
    const item = parseAbiItem([signature, ...PACKET] as string[]);
    if (item.type !== 'event') throw new Error('only events belong here');
    return [
      toEventSelector(item),
      {
        name: name as EventName,
        data: parseAbiParameters([data, ...AS_BYTES] as string[]) as unknown as Layout['data'],
      },
    ];
  }),
);

/** First topics of the events this package reads. */
export const PACKET_TOPICS: readonly Hex[] = [...LAYOUTS.keys()];

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
  readonly sourceClient: Hex;
  readonly destClient: Hex;
  readonly timeoutTimestamp: bigint;
  readonly payloads: readonly {
    readonly sourcePort: Hex;
    readonly destPort: Hex;
    readonly version: Hex;
    readonly encoding: Hex;
    readonly value: Hex;
  }[];
}

interface Decoded {
  readonly name: EventName;
  readonly clientIdHash: Hex;
  readonly sequence: bigint;
  readonly packet: RawPacket;
  /** The acknowledgement or acknowledgements, where the event has some. */
  readonly rest: readonly unknown[];
}

const toText = (raw: Hex): string => decodePacketText(hexToBytes(raw));

const toPacket = (raw: RawPacket): Packet => ({
  sequence: raw.sequence,
  sourceClient: toText(raw.sourceClient),
  destClient: toText(raw.destClient),
  timeoutTimestampSec: raw.timeoutTimestamp,
  payloads: raw.payloads.map(({ sourcePort, destPort, version, encoding, value }) => ({
    sourcePort: toText(sourcePort),
    destPort: toText(destPort),
    version: toText(version),
    encoding: toText(encoding),
    value: hexToBytes(value),
  })),
});

const decode = (log: RawLog): Decoded => {
  if (!Array.isArray(log.topics)) throw malformed('log');
  const data = bytesToHex(parseBytes(log.data, 'log data'));
  const [selector, clientIdHash, sequence, ...more] = log.topics.map((topic) => parseHash(topic, 'log topic'));
  const layout = selector === undefined ? undefined : LAYOUTS.get(selector);
  if (layout === undefined || clientIdHash === undefined || sequence === undefined || more.length > 0) {
    throw malformed('packet event');
  }
  try {
    const [packet, ...rest] = decodeAbiParameters(layout.data, data);
    return { name: layout.name, clientIdHash, sequence: BigInt(sequence), packet: packet as RawPacket, rest };
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
  const { name, clientIdHash, sequence, packet: raw, rest } = decode(log);
  const packet = toPacket(raw);
  const clientId = name === 'WriteAcknowledgement' ? packet.destClient : packet.sourceClient;
  if (packet.sequence !== sequence || bytesToHex(keccak256(utf8ToBytes(clientId))) !== clientIdHash) {
    throw malformed('packet event');
  }
  const place = {
    height: parseQuantity(log.blockNumber, 'block number'),
    blockHash: parseHash(log.blockHash, 'block hash'),
    txId: parseHash(log.transactionHash, 'transaction hash'),
    index: Number(parseQuantity(log.logIndex, 'log index')),
  };
  switch (name) {
    case 'SendPacket':
      return { ...place, type: 'send', packet };
    case 'WriteAcknowledgement': {
      const [acknowledgements] = rest as [readonly Hex[]];
      return { ...place, type: 'write-acknowledgement', packet, acknowledgements: acknowledgements.map(hexToBytes) };
    }
    case 'AckPacket': {
      const [acknowledgement] = rest as [Hex];
      return { ...place, type: 'acknowledge', packet, acknowledgement: hexToBytes(acknowledgement) };
    }
    case 'TimeoutPacket':
      return { ...place, type: 'timeout', packet };
  }
};

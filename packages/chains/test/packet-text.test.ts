import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex, type Hex, keccak256, type Packet, utf8ToBytes } from '@interchain-attestation/core';
import { Packet as ProtoPacket } from 'cosmjs-types/ibc/core/channel/v2/packet';
import fc from 'fast-check';
import { encodeAbiParameters, parseAbiParameters } from 'viem';
import { decodeProtoPacket } from '../src/cosmos/events/packet-codec.ts';
import { decodePacketLog, PACKET_TOPICS } from '../src/evm/events/decode-log.ts';
import type { PacketEvent } from '../src/ports.ts';

const EVENT = parseAbiParameters([
  'Packet packet',
  'struct Payload { bytes sourcePort; bytes destPort; bytes version; bytes encoding; bytes value; }',
  'struct Packet { uint64 sequence; bytes sourceClient; bytes destClient; uint64 timeoutTimestamp; Payload[] payloads; }',
]);

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;

/** A `SendPacket` log of an EVM chain with these bytes as version and encoding. */
const fromEvm = (version: Uint8Array, encoding: Uint8Array): PacketEvent => {
  const text = (value: string): Hex => bytesToHex(utf8ToBytes(value));
  const packet = {
    sequence: 3n,
    sourceClient: text('client-0'),
    destClient: text('attestations-0'),
    timeoutTimestamp: 2n ** 64n - 1n,
    payloads: [
      {
        sourcePort: text('transfer'),
        destPort: text('gmpport'),
        version: bytesToHex(version),
        encoding: bytesToHex(encoding),
        value: '0x0102' as const,
      },
    ],
  };
  return decodePacketLog({
    topics: [PACKET_TOPICS[0], bytesToHex(keccak256(utf8ToBytes('client-0'))), word(3n)],
    data: encodeAbiParameters(EVENT, [packet]),
    blockNumber: '0x1',
    blockHash: word(1n),
    transactionHash: word(2n),
    logIndex: '0x0',
  });
};

const field = (number: number, bytes: Uint8Array): Uint8Array => {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  return Uint8Array.from([...[(number << 3) | 2], ...length, rest, ...bytes]);
};

/** The same packet as ibc-go encodes it. */
const fromCosmos = (version: Uint8Array, encoding: Uint8Array): Packet => {
  const outer = ProtoPacket.encode(
    ProtoPacket.fromPartial({
      sequence: 3n,
      sourceClient: 'client-0',
      destinationClient: 'attestations-0',
      timeoutTimestamp: 2n ** 64n - 1n,
    }),
  ).finish();
  const payload = Buffer.concat([
    field(1, utf8ToBytes('transfer')),
    field(2, utf8ToBytes('gmpport')),
    field(3, version),
    field(4, encoding),
    field(5, Uint8Array.of(1, 2)),
  ]);
  return decodeProtoPacket(Buffer.concat([outer, field(5, payload)]));
};

const same = (version: Uint8Array, encoding: Uint8Array): Packet => {
  const { packet } = fromEvm(version, encoding);
  assert.deepEqual(fromCosmos(version, encoding), packet);
  return packet;
};

test('both chain kinds read any text of a packet alike, and as it was written', () => {
  const odd = fc.constantFrom('\ufeff', '\0', '\ufffd', '\u{1f600}', 'a'.repeat(8_191), 'b'.repeat(8_192), 'é');
  const text = fc
    .array(fc.oneof(odd, fc.string({ unit: 'grapheme' })), { maxLength: 6 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (version, encoding) => {
      const [payload] = same(utf8ToBytes(version), utf8ToBytes(encoding)).payloads;
      assert.equal(payload?.version, version);
      assert.equal(payload?.encoding, encoding);
    }),
  );
  // A surrogate pair across the 8,192nd character, and more than twice as many.
  const long = `${'a'.repeat(8_191)}\u{1f600}${'b'.repeat(8_192)}c`;
  assert.equal(same(utf8ToBytes(long), utf8ToBytes('\ufeffabi')).payloads[0]?.version, long);
});

test('bytes that are no text stop nobody, and read alike', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (a, b) => void same(a, b)));
  assert.equal(same(Uint8Array.of(0xff, 0x61), new Uint8Array()).payloads[0]?.version, '\ufffda');
});

import type { Ics20PacketData, Packet, Payload } from '@interchain-attestation/core';
import type { Random } from '../generate/random.ts';
import { MAX } from '../generate/subject.ts';

const PIECES = [
  'transfer',
  'client-0',
  '07-tendermint-12',
  'ics20-1',
  '/',
  ' ',
  '-',
  '0x',
  'uatom',
  'ibc/',
  'a',
  'Z',
  '9',
  '"',
  '\\',
  '<',
  '>',
  '&',
  '\n',
  '\t',
  '\u0000',
  '\u001f',
  '\u007f',
  '\u2028',
  '\u2029',
  'é',
  'ß',
  '漢字',
  '🚀',
  '\ufeff',
  '\ufffd',
];

/** Text from pieces on which encoders have differed before. */
export const someText = (random: Random, maxPieces = 6): string =>
  Array.from({ length: random.int(maxPieces + 1) }, () => random.pick(PIECES)).join('');

/** Any number of 64 bits, the edges most often. */
export const someUint64 = (random: Random): bigint =>
  random.pick([
    ...[0n, 1n, 127n, 128n, 255n, 256n, 1_700_000_000n, 1n << 32n, 1n << 53n, 1n << 63n, MAX],
    random.bytes(8).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n),
  ]);

export const somePayload = (random: Random): Payload => ({
  sourcePort: someText(random),
  destPort: someText(random),
  version: someText(random),
  encoding: someText(random),
  value: random.bytes(random.pick([0, 1, 31, 32, 33, 55, 56, 64, 200])),
});

export const somePacket = (random: Random): Packet => ({
  sequence: someUint64(random),
  sourceClient: someText(random),
  destClient: someText(random),
  timeoutTimestampSec: someUint64(random),
  payloads: Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () => somePayload(random)),
});

/** A transfer that every implementation takes: who and how much are there. */
export const someTransfer = (random: Random): Ics20PacketData => ({
  denom: random.pick([
    'uatom',
    'transfer/client-7/uatom',
    '0xdac17f958d2ee523a2206206994597c13d831ec7',
    `u${someText(random)}`,
  ]),
  sender: `s${someText(random)}`,
  receiver: `r${someText(random)}`,
  amount: random.pick([1n, 9n, 10n, 1n << 64n, 10n ** 18n, (1n << 255n) - 1n, (1n << 256n) - 1n]),
  memo: random.chance(0.4) ? '' : someText(random, 20),
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PacketEvent } from '@interchain-attestation/chains';
import { ICS20_SUCCESS_ACK, UNIVERSAL_ERROR_ACK } from '@interchain-attestation/core';
import type { NetworkChain } from '../src/index.ts';
import { createPacketBook, type PacketBook } from '../src/packets/packet-book.ts';

const CLIENTS: Readonly<Record<string, NetworkChain>> = {
  'alpha/to-gaia-0': 'gaia',
  'gaia/attestations-0': 'alpha',
  'gaia/attestations-1': 'osmo',
  'osmo/attestations-0': 'gaia',
};
const open = (): PacketBook => createPacketBook((on, clientId) => CLIENTS[`${on}/${clientId}`]);

const event = (
  type: PacketEvent['type'],
  [sourceClient, destClient]: readonly [string, string],
  height: bigint,
  acknowledgement: Uint8Array = ICS20_SUCCESS_ACK,
): PacketEvent => {
  const packet = { sequence: 1n, sourceClient, destClient, timeoutTimestampSec: 9n, payloads: [] };
  const place = { height, blockHash: '0x00', txId: `0x${height.toString(16)}`, index: 0 } as const;
  return { ...place, type, packet, acknowledgement, acknowledgements: [acknowledgement] } as PacketEvent;
};
const OUT = ['to-gaia-0', 'attestations-0'] as const;
const ON = ['attestations-1', 'attestations-0'] as const;

test('a receive that is read before its send is refused, and taken when it comes again', () => {
  const book = open();
  assert.equal(book.apply('gaia', event('write-acknowledgement', OUT, 7n), 1), false);
  assert.equal(book.apply('alpha', event('send', OUT, 3n), 2), true);
  assert.equal(book.apply('gaia', event('write-acknowledgement', OUT, 7n), 3), true);
  assert.deepEqual(book.packets, [
    {
      ...{ source: 'alpha', dest: 'gaia', sourceClient: 'to-gaia-0', sequence: 1n },
      send: { txHash: '0x3', block: 3n, seenMs: 2 },
      receive: { txHash: '0x7', block: 7n, seenMs: 3 },
    },
  ]);
});

test('blocks that are read a second time take nothing away that another chain said meanwhile', () => {
  const book = open();
  book.apply('gaia', event('send', ON, 4n), 1);
  book.apply('osmo', event('write-acknowledgement', ON, 5n), 2);
  book.apply('gaia', event('acknowledge', ON, 6n), 3);
  const before = book.packets;
  book.apply('gaia', event('send', ON, 4n), 8);
  book.apply('gaia', event('acknowledge', ON, 6n), 9);
  assert.deepEqual(book.packets, before);
  assert.equal(before[0]?.outcome, 'delivered');
});

test('the same client ids and sequences on several chains are several packets', () => {
  const book = open();
  const back = ['attestations-0', 'to-gaia-0'] as const;
  const home = ['attestations-0', 'attestations-1'] as const;
  book.apply('gaia', event('send', back, 1n), 1);
  book.apply('osmo', event('send', home, 2n), 1);
  book.apply('alpha', event('write-acknowledgement', back, 3n), 1);
  book.apply('gaia', event('write-acknowledgement', home, 4n), 1);
  book.apply('gaia', event('acknowledge', back, 5n, UNIVERSAL_ERROR_ACK), 1);
  book.apply('osmo', event('timeout', home, 6n), 1);
  const ends = book.packets.map(({ source, dest, receive, outcome }) => [source, dest, receive?.block, outcome]);
  assert.deepEqual(ends, [
    ['gaia', 'alpha', 3n, 'refused'],
    ['osmo', 'gaia', 4n, 'timed-out'],
  ]);
});

test('packets of clients that are in no connection are ignored and do not come again', () => {
  const book = open();
  const foreign = ['elsewhere-0', 'elsewhere-1'] as const;
  for (const type of ['send', 'write-acknowledgement', 'acknowledge', 'timeout'] as const) {
    assert.equal(book.apply('alpha', event(type, foreign, 1n), 1), true);
  }
  assert.deepEqual(book.packets, []);
});

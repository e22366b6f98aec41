import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hex, hexToBytes, type Packet } from '@interchain-attestation/core';
import type { PacketRecord, ReceiveFact } from '../src/domain/packet-record.ts';
import type { Direction } from '../src/domain/route.ts';
import { proofRequest } from '../src/relay/proof-request.ts';

const hash = (byte: number): Hex => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;
const fact = (txId: number, blockHash: number): ReceiveFact => ({
  ...{ txId: hash(txId), blockHash: hash(blockHash), height: 1n, final: true, acknowledgements: [] },
});
const direction: Direction = {
  routeId: 'route',
  source: { chainId: '1', clientId: 'client-a' },
  dest: { chainId: '2', clientId: 'client-b' },
};
const record = (sequence: bigint, send: ReceiveFact, receive: ReceiveFact): PacketRecord => ({
  ...{ sourceChainId: '1', sourceClientId: 'client-a', destChainId: '2', routeId: 'route', packet: {} as Packet },
  ...{ sequence, send, receive, expired: false, attempts: 0, nextAttemptMs: 0, timesMs: {} },
});
const records = [record(1n, fact(1, 9), fact(11, 19)), record(2n, fact(2, 9), fact(12, 19))];
const bytes = (...of: readonly number[]): Uint8Array[] => of.map((byte) => hexToBytes(hash(byte)));

test('events are named by their transactions, or by their blocks, each once; sequences filter them', () => {
  assert.deepEqual(proofRequest('receive', direction, records).sourceTxIds, bytes(1, 2));
  const byBlock = proofRequest('receive', direction, records, 'blockHash');
  assert.deepEqual([byBlock.sourceTxIds, byBlock.srcPacketSequences], [bytes(9), [1n, 2n]]);
  assert.deepEqual(proofRequest('timeout', direction, records, 'blockHash').timeoutTxIds, bytes(9));
  const acknowledge = proofRequest('acknowledge', direction, records, 'blockHash');
  assert.deepEqual([acknowledge.sourceTxIds, acknowledge.dstPacketSequences], [bytes(19), [1n, 2n]]);
});

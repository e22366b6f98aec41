import { bytesToHex, decodePacket, type Hex, hexToBytes } from '@interchain-attestation/core';
import type { Insertable, Selectable } from 'kysely';
import { encodedPacket, rememberEncoded } from '../domain/encoded-packet.ts';
import type { ChainFact, PacketRecord, Progress } from '../domain/packet-record.ts';
import { baseState, type PacketState, packetState } from '../domain/packet-state.ts';
import { type PacketTable, toSqlUint64 } from './schema.ts';

type Row = Selectable<PacketTable>;
type NewRow = Insertable<PacketTable>;

const readFact = (
  tx: string | null,
  height: string | null,
  block: string | null,
  final: number,
): ChainFact | undefined =>
  tx === null || height === null || block === null
    ? undefined
    : { txId: tx as Hex, height: BigInt(height), blockHash: block as Hex, final: final === 1 };

const readProgress = ({ step, step_tx: txId }: Row): Progress | undefined => {
  if (step !== 'proven' && step !== 'submitted') return undefined;
  return txId === null ? { step } : { step, txId: txId as Hex };
};

const readAcks = (text: string | null): Uint8Array[] =>
  text === null ? [] : (JSON.parse(text) as string[]).map((hex) => hexToBytes(hex));

/** A record from its row. */
export const rowToRecord = (row: Row): PacketRecord => {
  const send = readFact(row.send_tx, row.send_height, row.send_block, row.send_final);
  const receive = readFact(row.receive_tx, row.receive_height, row.receive_block, row.receive_final);
  const acknowledge = readFact(
    row.acknowledge_tx,
    row.acknowledge_height,
    row.acknowledge_block,
    row.acknowledge_final,
  );
  const timeout = readFact(row.timeout_tx, row.timeout_height, row.timeout_block, row.timeout_final);
  const progress = readProgress(row);
  const encoded = new Uint8Array(row.packet);
  const packet = rememberEncoded(decodePacket(encoded), encoded);
  return {
    sourceChainId: row.source_chain_id,
    sourceClientId: row.source_client_id,
    sequence: BigInt(row.sequence),
    routeId: row.route_id,
    destChainId: row.dest_chain_id,
    packet,
    ...(send === undefined ? {} : { send }),
    ...(receive === undefined ? {} : { receive: { ...receive, acknowledgements: readAcks(row.acknowledgements) } }),
    ...(row.accepted_height === null ? {} : { acceptedHeight: BigInt(row.accepted_height) }),
    ...(acknowledge === undefined ? {} : { acknowledge }),
    ...(timeout === undefined ? {} : { timeout }),
    expired: row.expired === 1,
    ...(progress === undefined ? {} : { progress }),
    ...(row.failure === null ? {} : { failure: row.failure }),
    ...(row.waiting === null ? {} : { waiting: row.waiting }),
    attempts: row.attempts,
    nextAttemptMs: row.next_attempt_ms,
    timesMs: JSON.parse(row.times) as Partial<Record<PacketState, number>>,
  };
};

const factColumns = (fact: ChainFact | undefined): readonly [string | null, string | null, string | null, number] =>
  fact === undefined
    ? [null, null, null, 0]
    : [fact.txId, toSqlUint64(fact.height), fact.blockHash, fact.final ? 1 : 0];

/** The row of a record, complete but for its id. */
export const recordToRow = (record: PacketRecord, nowMs: number): NewRow => {
  const [sendTx, sendHeight, sendBlock, sendFinal] = factColumns(record.send);
  const [receiveTx, receiveHeight, receiveBlock, receiveFinal] = factColumns(record.receive);
  const [ackTx, ackHeight, ackBlock, ackFinal] = factColumns(record.acknowledge);
  const [timeoutTx, timeoutHeight, timeoutBlock, timeoutFinal] = factColumns(record.timeout);
  return {
    source_chain_id: record.sourceChainId,
    source_client_id: record.sourceClientId,
    sequence: toSqlUint64(record.sequence),
    route_id: record.routeId,
    dest_chain_id: record.destChainId,
    dest_client_id: record.packet.destClient,
    timeout_sec: toSqlUint64(record.packet.timeoutTimestampSec),
    packet: encodedPacket(record.packet),
    base: baseState(record),
    state: packetState(record),
    send_tx: sendTx,
    send_height: sendHeight,
    send_block: sendBlock,
    send_final: sendFinal,
    receive_tx: receiveTx,
    receive_height: receiveHeight,
    receive_block: receiveBlock,
    receive_final: receiveFinal,
    acknowledgements:
      record.receive === undefined ? null : JSON.stringify(record.receive.acknowledgements.map(bytesToHex)),
    accepted_height: record.acceptedHeight === undefined ? null : toSqlUint64(record.acceptedHeight),
    acknowledge_tx: ackTx,
    acknowledge_height: ackHeight,
    acknowledge_block: ackBlock,
    acknowledge_final: ackFinal,
    timeout_tx: timeoutTx,
    timeout_height: timeoutHeight,
    timeout_block: timeoutBlock,
    timeout_final: timeoutFinal,
    expired: record.expired ? 1 : 0,
    step: record.progress?.step ?? null,
    step_tx: record.progress?.txId ?? null,
    failure: record.failure ?? null,
    waiting: record.waiting ?? null,
    attempts: record.attempts,
    next_attempt_ms: record.nextAttemptMs,
    times: JSON.stringify(record.timesMs),
    updated_ms: nowMs,
  };
};

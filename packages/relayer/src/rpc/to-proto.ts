import type { MessageInitShape } from '@bufbuild/protobuf';
import { bytesToHex, UNIVERSAL_ERROR_ACK } from '@interchain-attestation/core';
import { type relayer as proto, skipRelayer } from '@interchain-attestation/proto';
import type { PacketRecord } from '../domain/packet-record.ts';
import { packetState } from '../domain/packet-state.ts';

const UNIVERSAL = bytesToHex(UNIVERSAL_ERROR_ACK);

/** Whether the destination took the packet: told by the router's error acknowledgement, whatever the application. */
const acknowledgementOf = ({ receive }: PacketRecord): string => {
  if (receive === undefined) return '';
  return receive.acknowledgements.some((ack) => bytesToHex(ack) === UNIVERSAL) ? 'error' : 'success';
};

const laterReason = ({ acceptedHeight, receive }: PacketRecord): string =>
  acceptedHeight !== undefined && receive === undefined ? 'received: its acknowledgement is written later' : '';

/** A record as the relayer's own API tells it. */
export const recordToProto = (record: PacketRecord): MessageInitShape<typeof proto.PacketRecordSchema> => ({
  sourceChainId: record.sourceChainId,
  destChainId: record.destChainId,
  sourceClientId: record.sourceClientId,
  destClientId: record.packet.destClient,
  sequence: record.sequence,
  timeoutTimestamp: record.packet.timeoutTimestampSec,
  state: packetState(record),
  reason: record.failure ?? record.waiting ?? laterReason(record),
  sendTx: record.send?.txId ?? '',
  recvTx: record.receive?.txId ?? '',
  ackTx: record.acknowledge?.txId ?? '',
  timeoutTx: record.timeout?.txId ?? '',
  stateTimesMs: Object.fromEntries(Object.entries(record.timesMs).map(([state, ms]) => [state, BigInt(ms)])),
  attempts: record.attempts,
  acknowledgement: acknowledgementOf(record),
});

const transferState = (record: PacketRecord): skipRelayer.TransferState => {
  const { TransferState } = skipRelayer;
  switch (packetState(record)) {
    // Brought to its end on both chains; whether it was refunded stands in timeout_tx and the acknowledgement.
    case 'acknowledged':
    case 'timed-out':
      return TransferState.COMPLETE;
    case 'failed':
      return TransferState.FAILED;
    case 'dropped':
      return TransferState.UNKNOWN;
    default:
      return TransferState.PENDING;
  }
};

/** A record as skip.relayer.RelayerApiService tells it. */
export const recordToPacketStatus = (record: PacketRecord): MessageInitShape<typeof skipRelayer.PacketStatusSchema> => {
  const info = (txHash: string | undefined, chainId: string): { txHash: string; chainId: string } | undefined =>
    txHash === undefined ? undefined : { txHash, chainId };
  const parts = {
    sendTx: info(record.send?.txId, record.sourceChainId),
    recvTx: info(record.receive?.txId, record.destChainId),
    ackTx: info(record.acknowledge?.txId, record.sourceChainId),
    timeoutTx: info(record.timeout?.txId, record.sourceChainId),
  };
  const known = Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
  return {
    state: transferState(record),
    sequenceNumber: record.sequence,
    sourceClientId: record.sourceClientId,
    ...known,
  };
};

import { bytesToHex, type Hex } from '@interchain-attestation/core';
import type { proofApi } from '@interchain-attestation/proto';
import { ProofApiError } from '../errors.ts';
import type { RelayQuery } from '../route/gather.ts';

/** Transactions, and sequences, of one request. */
const MAX_TX_IDS = 1_000;
const MAX_SEQUENCES = 10_000;
const TX_ID_BYTES = 32;

const invalid = (message: string): ProofApiError => new ProofApiError('proof-api/invalid-request', message);

const parseTxIds = (ids: readonly Uint8Array[], field: string): readonly Hex[] => {
  if (ids.length > MAX_TX_IDS) throw invalid(`${field}: at most ${MAX_TX_IDS} transactions, got ${ids.length}`);
  return ids.map((id, i) => {
    if (id.length !== TX_ID_BYTES) {
      throw invalid(`${field}[${i}]: expected ${TX_ID_BYTES} bytes, got ${id.length}`);
    }
    return bytesToHex(id);
  });
};

/** Longer than any client id of a router; a longer one would only fill logs and messages. */
const MAX_CLIENT_ID_CHARS = 256;

/** @throws ProofApiError `proof-api/invalid-request` */
export const parseClientId = (clientId: string, field: string): string => {
  if (clientId.length <= MAX_CLIENT_ID_CHARS) return clientId;
  throw invalid(`${field}: at most ${MAX_CLIENT_ID_CHARS} characters, got ${clientId.length}`);
};

const checkSequences = (sequences: readonly bigint[], field: string): readonly bigint[] => {
  if (sequences.length > MAX_SEQUENCES) throw invalid(`${field}: at most ${MAX_SEQUENCES}, got ${sequences.length}`);
  return sequences;
};

/**
 * Checks a RelayByTx request.
 * @throws ProofApiError `proof-api/invalid-request`
 */
export const parseRelayByTx = (request: proofApi.RelayByTxRequest): RelayQuery => {
  const sourceTxIds = parseTxIds(request.sourceTxIds, 'source_tx_ids');
  const timeoutTxIds = parseTxIds(request.timeoutTxIds, 'timeout_tx_ids');
  if (sourceTxIds.length + timeoutTxIds.length === 0) throw invalid('source_tx_ids and timeout_tx_ids are both empty');
  return {
    sourceTxIds,
    timeoutTxIds,
    sourceClientId: parseClientId(request.srcClientId, 'src_client_id'),
    destClientId: parseClientId(request.dstClientId, 'dst_client_id'),
    sourceSequences: checkSequences(request.srcPacketSequences, 'src_packet_sequences'),
    destSequences: checkSequences(request.dstPacketSequences, 'dst_packet_sequences'),
  };
};

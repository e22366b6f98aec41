import type { UnsignedTransaction } from '@interchain-attestation/chains';
import { hexToBytes } from '@interchain-attestation/core';
import type { proofApi } from '@interchain-attestation/proto';
import type { RpcClient } from '@interchain-attestation/service';
import type { ChainFact, PacketRecord } from '../domain/packet-record.ts';
import type { Leg } from '../domain/packet-state.ts';
import type { Direction } from '../domain/route.ts';

export type ProofApi = RpcClient<typeof proofApi.ProofApiService>;

export type ProofRequest = Parameters<ProofApi['relayByTx']>[0];

/**
 * A filter that no packet passes: an empty list would mean all, and a transaction that acknowledges may also send.
 * Sequences begin at 1.
 */
const NONE: readonly bigint[] = [0n];

/**
 * What to ask the proof API for these packets on this leg. All are packets of `direction`.
 * @param by how their events are named: by transaction, or on a Cosmos chain by block, all of which it stands for
 */
export const proofRequest = (
  leg: Leg,
  { source, dest }: Direction,
  records: readonly PacketRecord[],
  by: 'txId' | 'blockHash' = 'txId',
): ProofRequest => {
  const names = (of: (record: PacketRecord) => ChainFact | undefined): Uint8Array[] =>
    [...new Set(records.flatMap((record) => of(record)?.[by] ?? []))].map((name) => hexToBytes(name));
  const sequences = records.map(({ sequence }) => sequence);
  const sends = names(({ send }) => send);
  if (leg === 'receive') {
    return {
      srcChain: source.chainId,
      dstChain: dest.chainId,
      srcClientId: source.clientId,
      dstClientId: dest.clientId,
      sourceTxIds: sends,
      srcPacketSequences: sequences,
      dstPacketSequences: [...NONE],
    };
  }
  // The proof is about the packet's destination and is brought to its source: the roles are swapped.
  const back = {
    srcChain: dest.chainId,
    dstChain: source.chainId,
    srcClientId: dest.clientId,
    dstClientId: source.clientId,
    srcPacketSequences: [...NONE],
    dstPacketSequences: sequences,
  };
  return leg === 'timeout'
    ? { ...back, timeoutTxIds: sends }
    : { ...back, sourceTxIds: names(({ receive }) => receive) };
};

/** Asks for the transaction that brings these packets on. @throws RpcError */
export const requestProof = async (
  api: ProofApi,
  request: ProofRequest,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<UnsignedTransaction> => {
  const { tx, address } = await api.relayByTx(request, options);
  return { tx, address };
};

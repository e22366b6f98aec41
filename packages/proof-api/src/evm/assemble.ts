import { encodeAttestationProof } from '@interchain-attestation/core';
import { type Batch, type BatchMessages, toMessages } from '../domain/batch.ts';
import { encodeMessage, encodeMulticall, encodeUpdateClient } from './calldata.ts';

/** The messages of a batch with their proofs in ABI form. */
export const evmMessages = (batch: Batch): BatchMessages => toMessages(batch, encodeAttestationProof);

/** Calldata of the whole batch: router.multicall([updateClient?, messages...]). */
export const assembleBatch = (batch: Batch): Uint8Array => {
  const { update, messages } = evmMessages(batch);
  const first = update === undefined ? [] : [encodeUpdateClient(batch.clientId, update)];
  return encodeMulticall([...first, ...messages.map(({ item, proof }) => encodeMessage(item, proof, batch.height))]);
};

/** What signing, fees, nonce and framing add to calldata, in bytes, with room to spare. */
const ENVELOPE_BYTES = 512;

/** Size of one call within a multicall: its offset, its length word, and its bytes padded. */
const sizeInMulticall = (call: Uint8Array): number => 64 + ((call.length + 31) & ~31);

/** How many messages of a batch, in their order, fit a transaction of `maxTxBytes`. */
export const messagesThatFit = (batch: Batch, maxTxBytes: number): number => {
  const { update, messages } = evmMessages(batch);
  let bytes = ENVELOPE_BYTES + 68 + (update ? sizeInMulticall(encodeUpdateClient(batch.clientId, update)) : 0);
  for (const [index, { item, proof }] of messages.entries()) {
    bytes += sizeInMulticall(encodeMessage(item, proof, batch.height));
    if (bytes > maxTxBytes) return index;
  }
  return messages.length;
};

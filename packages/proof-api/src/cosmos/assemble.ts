import type { TransactionLimits } from '@interchain-attestation/chains';
import { encodeProtobufProof } from '@interchain-attestation/light-client';
import { type Batch, type BatchMessages, toMessages } from '../domain/batch.ts';
import { encodeBody, packetMessage, type TypedMessage, updateMessage } from './messages.ts';

/** The messages of a batch with their proofs in protobuf form. */
export const cosmosMessages = (batch: Batch): BatchMessages => toMessages(batch, encodeProtobufProof);

const typedMessages = (batch: Batch, signer: string): readonly TypedMessage[] => {
  const { update, messages } = cosmosMessages(batch);
  const first = update === undefined ? [] : [updateMessage(batch.clientId, update, signer)];
  return [...first, ...messages.map((message) => packetMessage(message, batch.height, signer))];
};

/** TxBody of the whole batch: MsgUpdateClient first when there is one, then a message a packet. */
export const assembleBody = (batch: Batch, signer: string): Uint8Array => encodeBody(typedMessages(batch, signer));

/** Signature, key, fee, sequence, timeout height and framing, in bytes, with room to spare. */
const ENVELOPE_BYTES = 1_024;
/** An account that a sender fills in: the longest bech32 address there is, and its tag and length. */
const MAX_SIGNER_BYTES = 92;

/**
 * Gas that any message takes besides that of its bytes: half of what an app that does nothing took on ibc-go v11.2.0
 * (test/cosmos-chain.slow.test.ts), so that no batch is refused here that a chain would take.
 */
const MIN_MESSAGE_GAS = 10_000n;
/** The SDK's price of a byte of a transaction. */
const GAS_PER_BYTE = 10n;

/**
 * How many messages of a batch, in their order, fit a transaction by its size, and by the gas that they take at the very
 * least: what applications do with a packet is for simulation to tell.
 */
export const messagesThatFit = (batch: Batch, signer: string, { maxTxBytes, maxTxGas }: TransactionLimits): number => {
  const messages = typedMessages(batch, signer);
  const updates = batch.update === undefined ? 0 : 1;
  let bytes = ENVELOPE_BYTES;
  for (const [index, message] of messages.entries()) {
    // Fields that repeat stand one behind the other: a body's size is the sum over its messages.
    bytes += encodeBody([message]).length + (signer === '' ? MAX_SIGNER_BYTES : 0);
    const gas = BigInt(bytes) * GAS_PER_BYTE + BigInt(index + 1) * MIN_MESSAGE_GAS;
    if (bytes > maxTxBytes || gas > maxTxGas) return Math.max(0, index - updates);
  }
  return messages.length - updates;
};

import { encodeAttestationProof } from '@interchain-attestation/core';
import type { Item } from '../domain/item.ts';
import type { Statement } from '../domain/statement.ts';
import { encodeMessage, encodeMulticall, encodeUpdateClient } from './calldata.ts';

/** A list of items with the statement that proves them and the signatures under it. */
export interface ProvenList {
  readonly items: readonly Item[];
  readonly statement: Statement;
  readonly signatures: readonly Uint8Array[];
}

/** What a transaction is made of. */
export interface Batch {
  readonly clientId: string;
  readonly height: bigint;
  /** Left out when the client holds the height already. */
  readonly update: Omit<ProvenList, 'items'> | undefined;
  readonly lists: readonly ProvenList[];
  /** Follow-up proofs of a list may be empty. */
  readonly verifiesOncePerTransaction: boolean;
}

/** One message with the proof it carries. */
export interface ProvenMessage {
  readonly item: Item;
  readonly proof: Uint8Array;
}

const NO_PROOF = new Uint8Array();

const proofOf = ({ statement, signatures }: Omit<ProvenList, 'items'>): Uint8Array =>
  encodeAttestationProof({ attestationData: statement.data, signatures });

/** The update proof and the messages of a batch in their order. Each list's first message carries its full proof. */
export const toMessages = (
  batch: Batch,
): { readonly update: Uint8Array | undefined; readonly messages: readonly ProvenMessage[] } => ({
  update: batch.update === undefined ? undefined : proofOf(batch.update),
  messages: batch.lists.flatMap((list) => {
    const proof = proofOf(list);
    return list.items.map((item, index) => ({
      item,
      proof: index > 0 && batch.verifiesOncePerTransaction ? NO_PROOF : proof,
    }));
  }),
});

/** Calldata of the whole batch: router.multicall([updateClient?, messages...]). */
export const assembleBatch = (batch: Batch): Uint8Array => {
  const { update, messages } = toMessages(batch);
  const first = update === undefined ? [] : [encodeUpdateClient(batch.clientId, update)];
  return encodeMulticall([...first, ...messages.map(({ item, proof }) => encodeMessage(item, proof, batch.height))]);
};

/** What signing, fees, nonce and framing add to calldata, in bytes, with room to spare. */
const ENVELOPE_BYTES = 512;

/** Size of one call within a multicall: its offset, its length word, and its bytes padded. */
const sizeInMulticall = (call: Uint8Array): number => 64 + ((call.length + 31) & ~31);

/**
 * How many messages of a batch, in their order, fit a transaction of `maxTxBytes`. Counts with the signatures the batch
 * has: fill them with zeros to know before anybody is asked.
 */
export const messagesThatFit = (batch: Batch, maxTxBytes: number): number => {
  const { update, messages } = toMessages(batch);
  let bytes = ENVELOPE_BYTES + 68 + (update ? sizeInMulticall(encodeUpdateClient(batch.clientId, update)) : 0);
  for (const [index, { item, proof }] of messages.entries()) {
    bytes += sizeInMulticall(encodeMessage(item, proof, batch.height));
    if (bytes > maxTxBytes) return index;
  }
  return messages.length;
};

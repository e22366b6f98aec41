import type { AttestationProof } from '@interchain-attestation/core';
import type { Item } from './item.ts';
import type { Statement } from './statement.ts';

/** A list of items with the statement that proves them and the signatures under it. */
export interface ProvenList {
  readonly items: readonly Item[];
  readonly statement: Statement;
  readonly signatures: readonly Uint8Array[];
}

/** What a transaction is made of, whatever form its destination takes. */
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

/** A batch as messages in their order. */
export interface BatchMessages {
  readonly update: Uint8Array | undefined;
  readonly messages: readonly ProvenMessage[];
}

const NO_PROOF = new Uint8Array();

/**
 * The update proof and the messages of a batch in their order. Each list's first message carries its full proof.
 * @param encode how the destination takes proofs
 */
export const toMessages = (batch: Batch, encode: (proof: AttestationProof) => Uint8Array): BatchMessages => {
  const proofOf = ({ statement, signatures }: Omit<ProvenList, 'items'>): Uint8Array =>
    encode({ attestationData: statement.data, signatures });
  return {
    update: batch.update === undefined ? undefined : proofOf(batch.update),
    messages: batch.lists.flatMap((list) => {
      const proof = proofOf(list);
      return list.items.map((item, index) => ({
        item,
        proof: index > 0 && batch.verifiesOncePerTransaction ? NO_PROOF : proof,
      }));
    }),
  };
};

import { ackCommitment } from '@interchain-attestation/core';
import { type Item, questionOf, sourcePath } from '../domain/item.ts';
import { type PacketQuestion, packetStatement, type Statement } from '../domain/statement.ts';

const ABSENT = new Uint8Array(32);

/** The commitment that must be attested for an item; all of them were compared with what the chain holds. */
const commitmentOf = (item: Item): Uint8Array => {
  if (item.kind === 'receive') return item.commitment;
  return item.kind === 'acknowledge' ? ackCommitment(item.acknowledgements) : ABSENT;
};

/** The statement that proves a list of items of one kind. */
export const listStatement = (height: bigint, items: readonly Item[]): Statement => {
  const [first] = items;
  const entries: PacketQuestion[] = items.map((item) => ({
    packet: item.encoded,
    path: sourcePath(item),
    commitment: commitmentOf(item),
  }));
  return packetStatement(first === undefined ? 'packet' : questionOf(first), height, entries);
};

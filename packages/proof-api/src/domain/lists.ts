import { type Item, questionOf } from './item.ts';

/** Packets that one attestation may name: what attestors take in a request. */
export const MAX_LIST = 100;
/** Bytes of packets in one request: below the 4 MiB that gRPC servers take by default. */
const MAX_LIST_BYTES = 3 * 1024 * 1024;

/**
 * Length of lists where each message must carry its whole list again: k messages that share one cost k^2, so lists of
 * about m entries keep size and gas linear (peers.md #11).
 */
export const sharedListLength = (minRequiredSigs: number): number => Math.min(MAX_LIST, Math.max(1, minRequiredSigs));

/** Cuts items into the lists that are attested together, each of one kind and of `longest` items at most. */
export const cutIntoLists = (items: readonly Item[], longest: number): readonly (readonly Item[])[] => {
  const lists: Item[][] = [];
  for (const group of Map.groupBy(items, questionOf).values()) {
    let list: Item[] = [];
    let bytes = 0;
    for (const item of group) {
      if (list.length === longest || (list.length > 0 && bytes + item.encoded.length > MAX_LIST_BYTES)) {
        lists.push(list);
        list = [];
        bytes = 0;
      }
      list.push(item);
      bytes += item.encoded.length;
    }
    lists.push(list);
  }
  return lists;
};

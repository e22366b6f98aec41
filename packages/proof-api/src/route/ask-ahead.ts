import { larger } from '@interchain-attestation/core';
import { AskedAhead } from '../attestors/asked-ahead.ts';
import { type Item, questionOf } from '../domain/item.ts';
import { cutIntoLists } from '../domain/lists.ts';
import type { Dest } from './dest.ts';
import type { Source } from './source.ts';

/** More lists than these are asked for only when it is known that they are needed. */
const MAX_LISTS = 8;
/** How far above the highest report a height may lie to be asked for on trust, in blocks. */
const ABOUT_TO_BE_FINAL = 2n;

/**
 * Asks the attestors of a chain for what a request will most probably need, before any chain was read for it: the
 * height of its events, if that is recent and likely final, all of its packets, and the lists that the client wants as
 * it was when it was read last. Where one of these turns out otherwise, the right question is asked then.
 */
export const askAhead = (
  { source, dest }: { readonly source: Source; readonly dest: Dest },
  clientId: string,
  items: readonly Item[],
  height: bigint,
  recentBlocks: bigint,
): AskedAhead => {
  const ahead = new AskedAhead();
  const client = dest.cache.remembered(clientId);
  const highest = source.heights.reports.reduce(larger, 0n);
  const isLikely = height > 0n && height <= highest + ABOUT_TO_BE_FINAL && height + recentBlocks > highest;
  if (client === undefined || client.state.isFrozen || !isLikely) return ahead;
  // The height of a timeout is found by its time.
  if (items.some(({ kind }) => kind === 'timeout')) return ahead;
  const wanted = items.filter((item) => dest.unprovable(item) === undefined);
  const lists = cutIntoLists(wanted, dest.kind.longestList(client.state));
  if (lists.length > MAX_LISTS) return ahead;
  const questions = lists.flatMap((list) => {
    const [first] = list;
    const packets = list.map(({ encoded }) => encoded);
    return first === undefined ? [] : [{ question: questionOf(first), height, packets }];
  });
  const update = client.state.latestHeight < height ? [{ question: 'state', height, packets: [] } as const] : [];
  ahead.ask(source.attestors, [...update, ...questions]);
  return ahead;
};

import type { BlockHeader } from '../ports.ts';
import type { Vote } from './ballot.ts';
import { type Group, groupVotes } from './groups.ts';

/** A header, or undefined for a block that is not there yet. */
export type Header = BlockHeader | undefined;

export const highestFirst = (heights: Iterable<bigint>): readonly bigint[] =>
  [...heights].sort((a, b) => (a > b ? -1 : 1));

export const isSameHeader = (a: BlockHeader, b: BlockHeader): boolean =>
  a.height === b.height && a.hash === b.hash && a.parentHash === b.parentHash && a.timestampSec === b.timestampSec;

export const describeHeader = ({ hash, parentHash, timestampSec }: BlockHeader): string =>
  `${hash} after ${parentHash} at ${timestampSec}`;

/** What votes say about one height. */
export interface HeaderTally {
  readonly groups: readonly Group<BlockHeader>[];
  /** The header that enough say alike. */
  readonly agreed: Header;
  /** Votes that say there is no such block yet. */
  readonly absent: number;
}

export const tallyHeaders = (votes: readonly Vote<Header>[], required: number): HeaderTally => {
  const groups = groupVotes(
    votes.flatMap(({ by, value }) => (value === undefined ? [] : { by, value })),
    isSameHeader,
  );
  const [largest] = groups;
  return {
    groups,
    agreed: largest !== undefined && largest.by.length >= required ? largest.value : undefined,
    absent: votes.filter(({ value }) => value === undefined).length,
  };
};

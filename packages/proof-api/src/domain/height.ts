import { smaller } from '@interchain-attestation/core';

const descending = (heights: readonly bigint[]): readonly bigint[] =>
  heights.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0));

/** Of the heights that attestors reported, the one that at least m of them reach; undefined when fewer than m reported. */
export const quorumHeight = (reports: readonly bigint[], m: number): bigint | undefined => descending(reports)[m - 1];

export interface HeightNeed {
  /** Lowest height that covers every packet asked for. */
  readonly need: bigint;
  /** Highest final height of the own reading of the source chain. */
  readonly finalized: bigint;
  /** What each attestor reported last. */
  readonly reports: readonly bigint[];
  /** Signatures needed. */
  readonly minRequiredSigs: number;
  /** How far below the newest height nodes surely still keep state, in blocks. */
  readonly recentBlocks: bigint;
}

/** How many heights are tried for one request. */
const MAX_CANDIDATES = 4;

/** The first `count`, with the last of them replaced by `sure` when that lies below. */
const pickFew = (heights: readonly bigint[], sure: bigint | undefined, count: number): readonly bigint[] => {
  const first = heights.slice(0, count);
  if (sure === undefined || !heights.includes(sure) || first.includes(sure)) return first;
  return [...heights.slice(0, count - 1), sure];
};

/**
 * Heights to try, best first. Normally that is the lowest that covers the packets: the one that most attestors have
 * reached, whatever a lagging or lying one reports (peers.md #3). Only when it is so old that nodes may have dropped
 * its state, the m-th highest report comes first, and on "not final yet" the next highest follow, the (2m-1)-th highest
 * report among them: with fewer than m liars above it, m honest attestors have reached that.
 */
export const heightCandidates = (input: HeightNeed): readonly bigint[] => {
  const { need, finalized, reports, minRequiredSigs, recentBlocks } = input;
  const isOld = need + recentBlocks <= finalized;
  const ranked = descending(reports).slice(minRequiredSigs - 1);
  const recent = (ranked.length === 0 ? [finalized] : ranked).map((height) => smaller(height, finalized));
  const above = [...new Set(recent)].filter((height) => height > need);
  const sure = recent[minRequiredSigs - 1];
  const few = pickFew(above, sure, MAX_CANDIDATES - 1);
  return isOld ? [...few, need] : [need, ...few];
};

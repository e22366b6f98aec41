import { smaller } from './bigints.ts';

/** Of the heights that attestors reported, the one that at least m of them reach; undefined when fewer than m reported. */
export const quorumHeight = (reports: readonly bigint[], m: number): bigint | undefined =>
  reports.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0))[m - 1];

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
const MAX_CANDIDATES = 3;

/**
 * Heights to try, best first. Normally that is the lowest that covers the packets: the one that most attestors have
 * reached, whatever a lagging or lying one reports (peers.md #3). Only when it is so old that nodes may have dropped
 * its state, the m-th highest report comes first, and on "not final yet" the lower reports follow.
 */
export const heightCandidates = (input: HeightNeed): readonly bigint[] => {
  const { need, finalized, reports, minRequiredSigs, recentBlocks } = input;
  const reported = quorumHeight(reports, minRequiredSigs);
  const top = smaller(reported ?? finalized, finalized);
  if (top <= need) return [need];
  const lower = [...new Set(reports)].filter((height) => height > need && height < top);
  const descending = [top, ...lower.toSorted((a, b) => (a < b ? 1 : -1))];
  const ordered = need + recentBlocks > finalized ? [need, ...descending] : [...descending, need];
  return ordered.slice(0, MAX_CANDIDATES);
};

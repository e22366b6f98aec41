import type { BlockHeader } from '@interchain-attestation/chains';
import { isAttestationError, larger, MAX_UINT64 } from '@interchain-attestation/core';
import { heightCandidates, quorumHeight } from '../domain/height.ts';
import type { Item, LeftOut } from '../domain/item.ts';
import { partition } from '../domain/provable.ts';
import { ProofApiError } from '../errors.ts';
import { lowestHeightAt } from './lowest-height.ts';
import type { Source } from './source.ts';

/** How far above the own final height a packet may lie for the request to wait, in blocks, rather than to come back. */
const ABOUT_TO_BE_FINAL = 2n;

const notFinal = (source: Source, need: bigint, finalized: bigint): ProofApiError =>
  new ProofApiError('proof-api/not-final', `height ${need} of ${source.name} is not final yet, ${finalized} is`, {
    meta: { source: source.name, height: need, finalized },
    retryable: true,
  });

const finalizedOf = async (source: Source, covering: bigint, signal: AbortSignal): Promise<BlockHeader> => {
  try {
    return await source.reader.finalizedBlock({ covering, signal });
  } catch (error) {
    if (!isAttestationError(error, 'chain/height-not-final')) throw error;
    const message = `${source.name} has no final block yet`;
    throw new ProofApiError('proof-api/not-final', message, { cause: error, retryable: true });
  }
};

/** Lowest height that covers the events of items; 0 when they are all timeouts. */
export const eventHeight = (items: readonly Item[]): bigint =>
  items.reduce((highest, { height }) => larger(highest, height ?? 0n), 0n);

/**
 * The own final block, new enough to tell whether items are final.
 * @throws ProofApiError `proof-api/not-final`
 */
export const finalBlockFor = (source: Source, items: readonly Item[], signal: AbortSignal): Promise<BlockHeader> =>
  // A timeout is asked for when its time has just come: no remembered block would do.
  finalizedOf(source, items.some(({ kind }) => kind === 'timeout') ? MAX_UINT64 : eventHeight(items), signal);

/** Heights to try for a batch, and the timeouts whose time has not come. */
export interface HeightPlan {
  readonly candidates: readonly bigint[];
  readonly kept: readonly Item[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Finds the heights at which items can be proven, best first: the lowest that covers all of them and whose time has
 * passed every timeout.
 * @param finalized from {@link finalBlockFor}
 * @throws ProofApiError `proof-api/not-final`
 */
export const planHeights = async (
  source: Source,
  items: readonly Item[],
  finalized: BlockHeader,
  options: { readonly minRequiredSigs: number; readonly recentBlocks: bigint },
  signal: AbortSignal,
): Promise<HeightPlan> => {
  const need = eventHeight(items);
  if (need > finalized.height + ABOUT_TO_BE_FINAL) throw notFinal(source, need, finalized.height);
  const { kept, leftOut } = partition(items, ({ kind, packet }) =>
    kind === 'timeout' && packet.timeoutTimestampSec > finalized.timestampSec ? 'not-timed-out' : undefined,
  );
  const timeoutSec = kept.reduce(
    (latest, { kind, packet }) => (kind === 'timeout' ? larger(latest, packet.timeoutTimestampSec) : latest),
    0n,
  );
  const oldest = finalized.height > options.recentBlocks ? finalized.height - options.recentBlocks : 1n;
  const from = larger(need, oldest);
  const covering =
    timeoutSec > 0n && from < finalized.height
      ? await lowestHeightAt(source.reader, timeoutSec, from, finalized, signal)
      : need === 0n
        ? finalized.height
        : need;
  const candidates = heightCandidates({
    need: covering,
    finalized: finalized.height,
    reports: source.heights.reports,
    minRequiredSigs: options.minRequiredSigs,
    recentBlocks: options.recentBlocks,
  });
  return { candidates, kept, leftOut };
};

/**
 * The newest heights that can be attested now, best first: the m-th highest report, at most the own final height, and
 * the reports below it.
 * @param above only heights above this one
 * @returns empty when there is none above it
 * @throws ProofApiError `proof-api/quorum-not-reached` when fewer than m attestors have ever reported one
 */
export const newestHeights = async (
  source: Source,
  minRequiredSigs: number,
  above: bigint,
  signal: AbortSignal,
): Promise<readonly bigint[]> => {
  const [finalized] = await Promise.all([
    finalizedOf(source, MAX_UINT64, signal),
    source.heights.refresh(minRequiredSigs, above, signal),
  ]);
  const { reports } = source.heights;
  if (quorumHeight(reports, minRequiredSigs) === undefined) {
    const who = source.attestors.map(
      ({ name, address, latestHeight }) => `${name} at ${address}: ${latestHeight ?? 'none'}`,
    );
    throw new ProofApiError(
      'proof-api/quorum-not-reached',
      `fewer than ${minRequiredSigs} attestors of ${source.name} report a height: ${who.join('; ')}`,
      { retryable: true },
    );
  }
  const need = { need: above, finalized: finalized.height, reports, minRequiredSigs, recentBlocks: 0n };
  return heightCandidates(need).filter((height) => height > above);
};

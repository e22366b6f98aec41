import type { BlockHeader, ChainReader } from '@interchain-attestation/chains';

/** Heights asked for in one round trip. */
const PROBES = 16;

/**
 * Lowest height in `from..to.height` whose block has at least this time, found in a few round trips.
 * @param to a block that has that time
 * @returns `to.height` where headers below are missing
 */
export const lowestHeightAt = async (
  reader: ChainReader,
  timestampSec: bigint,
  from: bigint,
  to: BlockHeader,
  signal: AbortSignal,
): Promise<bigint> => {
  let low = from;
  let high = to.height;
  while (low < high) {
    const step = (high - low) / BigInt(PROBES) + 1n;
    const heights: bigint[] = [];
    for (let height = low; height < high; height += step) heights.push(height);
    const headers = await reader.headers(heights, { signal });
    const found = headers.findIndex((header) => header !== undefined && header.timestampSec >= timestampSec);
    if (found === 0) return low;
    high = found < 0 ? high : (heights[found] ?? high);
    low = (heights[(found < 0 ? heights.length : found) - 1] ?? low) + 1n;
  }
  return high;
};

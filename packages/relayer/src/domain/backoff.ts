/** How the pause between attempts grows. */
export interface BackoffPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
}

/**
 * Pause before attempt number `failures` + 1: doubles with each failure, with jitter in its upper half, so that many
 * relayers that failed together do not come back together.
 * @param failures failed attempts so far, at least 1
 * @param random uniform in [0, 1)
 */
export const backoffMs = ({ initialMs, maxMs }: BackoffPolicy, failures: number, random: number): number => {
  const full = Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(full / 2 + (full / 2) * random);
};

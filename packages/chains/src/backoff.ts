/** Waiting time before the attempt after `attempt` (0-based) failures: full jitter, so that clients do not retry in step. */
export const fullJitterMs = (
  attempt: number,
  baseMs: number,
  capMs: number,
  random: () => number = Math.random,
): number => Math.floor(random() * Math.min(capMs, baseMs * 2 ** attempt));

/** A client of more attestors than this is taken for a node's lie or a mistake: no proof by it would fit a transaction. */
const MAX_ATTESTORS = 1_000;

/**
 * What is wrong with the size of a set and its quorum, as a chain shows them; undefined when nothing is.
 * Asked before each address is parsed.
 */
export const quorumFault = (attestors: number, minRequiredSigs: number): string | undefined => {
  if (attestors > MAX_ATTESTORS) return `${attestors} attestors, more than ${MAX_ATTESTORS}`;
  if (minRequiredSigs < 1 || minRequiredSigs > attestors) return `quorum ${minRequiredSigs} of ${attestors}`;
  return undefined;
};

import type { Address, AttestorSet } from '@interchain-attestation/core';
import type { Difference } from './errors.ts';

/** What a client on chain was made with, against what is wanted. Attestors are a set: order means nothing. */
export const compareSet = (
  found: { readonly attestors: readonly Address[]; readonly minRequiredSigs: number },
  set: AttestorSet,
): readonly Difference[] => {
  const details: Difference[] = [];
  for (const attestor of set.attestors.filter((item) => !found.attestors.includes(item))) {
    details.push({ field: 'client.attestors', wanted: attestor, found: 'absent', where: 'chain' });
  }
  for (const attestor of found.attestors.filter((item) => set.indexOf(item) === undefined)) {
    details.push({ field: 'client.attestors', wanted: 'absent', found: attestor, where: 'chain' });
  }
  if (found.minRequiredSigs !== set.minRequiredSigs) {
    const [wanted, is] = [`${set.minRequiredSigs}`, `${found.minRequiredSigs}`];
    details.push({ field: 'client.quorum', wanted, found: is, where: 'chain' });
  }
  return details;
};

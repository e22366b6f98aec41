import { equalBytes, isZeroBytes, type PacketAttestationView } from '@interchain-attestation/core';
import type { Policy } from './policy.ts';
import { commitmentAt, pathMatches } from './transaction-memory.ts';
import type { Fault } from './verdict.ts';

/** A membership needs one entry with this path and this commitment, wherever it stands. */
export const scanMembership = (
  view: PacketAttestationView,
  pathHash: Uint8Array,
  commitment: Uint8Array,
): Fault | undefined => {
  for (let i = 0; i < view.count; i++) {
    if (pathMatches(view, i, pathHash) && equalBytes(commitmentAt(view, i), commitment)) return undefined;
  }
  return { code: 'not-member' };
};

/** An absence needs an entry with this path and commitment zero; which entry counts is the policy's choice. */
export const scanNonMembership = (
  view: PacketAttestationView,
  pathHash: Uint8Array,
  decidedBy: Policy['absenceDecidedBy'],
): Fault | undefined => {
  let found = false;
  for (let i = 0; i < view.count; i++) {
    if (!pathMatches(view, i, pathHash)) continue;
    if (!isZeroBytes(commitmentAt(view, i))) return { code: 'not-non-member' };
    if (decidedBy === 'first-match') return undefined;
    found = true;
  }
  return found ? undefined : { code: 'not-member' };
};

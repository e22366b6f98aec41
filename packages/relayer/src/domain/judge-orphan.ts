import { equalBytes, type Packet, packetCommitment } from '@interchain-attestation/core';

/** What a receive without a known send turns out to be. */
export type OrphanVerdict =
  /** The source may still show the send. */
  | { readonly kind: 'wait' }
  /** Sent before our records of the source begin. */
  | { readonly kind: 'sent-earlier' }
  /** Sent, received and finished before our records begin: nothing is left to do. */
  | { readonly kind: 'history' }
  /** The source never sent it: the destination, or what tells of it, lies (KelpDAO, 2026). */
  | { readonly kind: 'never-sent' };

export interface OrphanFacts {
  readonly packet: Packet;
  /** Time of the block of the receive, Unix seconds. */
  readonly receivedAtSec: bigint;
  /** Time of the source's block that was read, and up to which all its events are known. */
  readonly sourceTimeSec: bigint;
  /** What the source holds under the packet's path in that block. */
  readonly commitment: Uint8Array | undefined;
  /** Time of the block before the first one whose events are known of the source. */
  readonly sourceStartSec: bigint;
  /** How far the two chains' clocks may be apart. */
  readonly graceSec: bigint;
}

/** Judges a final receive whose send is unknown: pure. */
export const judgeOrphan = (facts: OrphanFacts): OrphanVerdict => {
  const { packet, receivedAtSec, sourceTimeSec, commitment, sourceStartSec, graceSec } = facts;
  if (commitment !== undefined) {
    return equalBytes(commitment, packetCommitment(packet)) ? { kind: 'sent-earlier' } : { kind: 'never-sent' };
  }
  if (sourceTimeSec < receivedAtSec + graceSec) return { kind: 'wait' };
  // An honest acknowledgement or timeout of it would be among the source's events, since it came after the receive.
  // Near the beginning of the records the clocks of the two chains decide, which may be apart.
  return receivedAtSec >= sourceStartSec + graceSec ? { kind: 'never-sent' } : { kind: 'history' };
};

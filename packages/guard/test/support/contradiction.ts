import { bytesToHex } from '@interchain-attestation/core';
import type { GuardStatement, StatementBlock, StatementEntry } from '@interchain-attestation/guard';

const hex = ({ commitment }: StatementEntry): string => (commitment === undefined ? '' : bytesToHex(commitment));

const blocksContradict = (a: StatementBlock, b: StatementBlock): string | undefined => {
  if (a.height === b.height) {
    return a.hash === b.hash && a.timestampSec === b.timestampSec ? undefined : `two blocks at height ${a.height}`;
  }
  const [low, high] = a.height < b.height ? [a, b] : [b, a];
  return low.timestampSec <= high.timestampSec ? undefined : `time falls from height ${low.height} to ${high.height}`;
};

const entriesContradict = (
  a: StatementEntry,
  aBlock: StatementBlock,
  b: StatementEntry,
  bBlock: StatementBlock,
): string | undefined => {
  const isSamePacket = a.path.clientId === b.path.clientId && a.path.sequence === b.path.sequence;
  if (!isSamePacket || (a.path.kind === 'packet') !== (b.path.kind === 'packet')) return undefined;
  if (a.commitment !== undefined && b.commitment !== undefined) {
    return a.path.kind === b.path.kind && hex(a) !== hex(b) ? `two values of ${a.path.kind}` : undefined;
  }
  if (a.commitment === undefined && b.commitment === undefined) return undefined;
  const [absentAt, presentAt, present] = a.commitment === undefined ? [aBlock, bBlock, b] : [bBlock, aBlock, a];
  if (absentAt.height >= presentAt.height) return `absent at ${absentAt.height}, present at ${presentAt.height}`;
  const isPastTimeout = present.timeoutProven === true && absentAt.timestampSec >= present.timeoutTimestampSec;
  return isPastTimeout ? `absent past the timeout, and present` : undefined;
};

/** Why two signed statements cannot both be true; undefined when they can. Timeouts count where they are proven. */
export const contradiction = (a: GuardStatement, b: GuardStatement): string | undefined => {
  const found = blocksContradict(a.block, b.block);
  if (found !== undefined || a.kind === 'state' || b.kind === 'state') return found;
  for (const one of a.entries) {
    for (const other of b.entries) {
      const why = entriesContradict(one, a.block, other, b.block);
      if (why !== undefined) return why;
    }
  }
  return undefined;
};

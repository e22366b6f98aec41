import { ackCommitment, equalBytes } from '@interchain-attestation/core';
import type { Item, LeftOut, LeftOutReason } from './item.ts';

/** Sorts items into those that may go on and those that are left out, by a rule that names the reason. */
export const partition = (
  items: readonly Item[],
  rule: (item: Item, index: number) => LeftOutReason | undefined,
): { readonly kept: readonly Item[]; readonly leftOut: readonly LeftOut[] } => {
  const kept: Item[] = [];
  const leftOut: LeftOut[] = [];
  for (const [index, item] of items.entries()) {
    const reason = rule(item, index);
    if (reason === undefined) kept.push(item);
    else leftOut.push({ item, reason });
  }
  return { kept, leftOut };
};

/**
 * Whether attestors take the packet at all.
 * @param maxBytes largest encoded packet that they take
 */
export const sizeReason = ({ encoded }: Item, maxBytes: number): LeftOutReason | undefined =>
  encoded.length <= maxBytes ? undefined : 'too-large';

/**
 * What the destination says about an item, read at its newest block.
 * @param held what it holds at the item's {@link destPath}
 * @param nowSec time of that block
 */
export const destReason = (item: Item, held: Uint8Array | undefined, nowSec: bigint): LeftOutReason | undefined => {
  if (item.kind === 'receive') {
    if (held !== undefined) return 'already-received';
    return item.packet.timeoutTimestampSec <= nowSec ? 'expired' : undefined;
  }
  if (held === undefined) return 'already-completed';
  return equalBytes(held, item.commitment) ? undefined : 'commitment-mismatch';
};

/**
 * What the source says about an item, read at the height of the proof.
 * @param held what it holds at the item's {@link sourcePath}
 * @param timestampSec time of that block
 */
export const sourceReason = (
  item: Item,
  held: Uint8Array | undefined,
  timestampSec: bigint,
): LeftOutReason | undefined => {
  switch (item.kind) {
    case 'receive':
      if (held === undefined) return 'commitment-gone';
      return equalBytes(held, item.commitment) ? undefined : 'commitment-mismatch';
    case 'acknowledge':
      if (held === undefined) return 'acknowledgement-missing';
      return equalBytes(held, ackCommitment(item.acknowledgements)) ? undefined : 'acknowledgement-mismatch';
    case 'timeout':
      if (held !== undefined) return 'received-in-time';
      return timestampSec >= item.packet.timeoutTimestampSec ? undefined : 'not-timed-out';
  }
};

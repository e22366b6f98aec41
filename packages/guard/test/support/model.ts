import { bytesToHex } from '@interchain-attestation/core';
import type { GuardStatement, PacketStatement, StatementBlock, StatementEntry } from '@interchain-attestation/guard';

/** One entry as it was stated, with its block. */
interface Stated {
  readonly block: StatementBlock;
  readonly entry: StatementEntry;
}

const samePlace = (a: StatementEntry, b: StatementEntry): boolean =>
  a.path.clientId === b.path.clientId &&
  a.path.sequence === b.path.sequence &&
  (a.path.kind === 'packet') === (b.path.kind === 'packet');

const value = ({ commitment }: StatementEntry): string | undefined =>
  commitment === undefined ? undefined : bytesToHex(commitment);

const sorted = (values: readonly bigint[]): bigint[] => [...values].sort((a, b) => (a < b ? -1 : 1));
const lowest = (values: readonly bigint[]): bigint => sorted(values)[0] ?? 0n;
const highest = (values: readonly bigint[]): bigint => sorted(values).at(-1) ?? 0n;

/**
 * The rules told a second time, as plainly as possible: a list of everything that was stated, and each new statement
 * held against every one of them. Verdicts are `ok`, `conflict` or the reason of a refusal.
 */
export class Model {
  blocks: StatementBlock[] = [];
  entries: Stated[] = [];
  stopped = false;
  floorHeight = 0n;
  floorTimeSec = 0n;
  asideThrough = -1n;

  record(statement: GuardStatement): string {
    if (this.stopped) return 'stopped';
    const added: Stated[] = [];
    const verdict = this.#judge(statement, added);
    if (verdict === 'ok') {
      if (!this.blocks.some((one) => one.height === statement.block.height)) this.blocks.push(statement.block);
      this.entries.push(...added);
    }
    if (verdict === 'conflict') this.stopped = true;
    return verdict;
  }

  clear(putAsideThrough: bigint | undefined): void {
    this.stopped = false;
    if (putAsideThrough === undefined || putAsideThrough + 1n < this.floorHeight) return;
    const dropped = this.blocks.filter((one) => one.height <= putAsideThrough);
    this.floorTimeSec = highest([this.floorTimeSec, ...dropped.map((one) => one.timestampSec)]);
    this.blocks = this.blocks.filter((one) => one.height > putAsideThrough);
    this.floorHeight = putAsideThrough + 1n;
    this.asideThrough = highest([this.asideThrough, putAsideThrough]);
  }

  #judge(statement: GuardStatement, added: Stated[]): string {
    const verdict = this.#judgeBlock(statement.block);
    if (verdict !== 'ok' || statement.kind === 'state') return verdict;
    return this.#judgeEntries(statement, added);
  }

  #judgeBlock(block: StatementBlock): string {
    if (block.height < this.floorHeight) return 'below-floor';
    const isKnown = this.blocks.some((one) => one.height === block.height);
    if (!isKnown && block.timestampSec < this.floorTimeSec) return 'below-floor';
    const contradicts = this.blocks.some((one) => {
      if (one.height === block.height) return one.hash !== block.hash || one.timestampSec !== block.timestampSec;
      const [low, high] = one.height < block.height ? [one, block] : [block, one];
      const isParent = low.height + 1n === high.height && high.parentHash !== undefined;
      return low.timestampSec > high.timestampSec || (isParent && high.parentHash !== low.hash);
    });
    return contradicts ? 'conflict' : 'ok';
  }

  #judgeEntries({ block, entries }: PacketStatement, added: Stated[]): string {
    for (const entry of entries) {
      if (entry.commitment === undefined && entry.path.kind !== 'receipt') return 'not-attestable';
      const before = [...this.entries, ...added].filter((one) => samePlace(one.entry, entry));
      const verdict = entry.path.kind === 'packet' ? this.#sent(entry, before) : this.#received(block, entry, before);
      if (verdict !== 'ok') return verdict;
      added.push({ block, entry });
    }
    return 'ok';
  }

  #accuse(recordHeight: bigint): string {
    return recordHeight <= this.asideThrough ? 'cleared-record' : 'conflict';
  }

  #sent(entry: StatementEntry, before: readonly Stated[]): string {
    const [first] = before;
    return first === undefined || value(first.entry) === value(entry) ? 'ok' : this.#accuse(first.block.height);
  }

  #received(block: StatementBlock, entry: StatementEntry, before: readonly Stated[]): string {
    const present = before.filter((one) => one.entry.commitment !== undefined);
    const absent = before.filter((one) => one.entry.commitment === undefined);
    const presentHeight = present.length === 0 ? undefined : lowest(present.map((one) => one.block.height));
    const proven = present.filter((one) => one.entry.timeoutProven);
    if (entry.commitment === undefined) {
      if (presentHeight === undefined) return 'ok';
      if (block.height >= presentHeight) return this.#accuse(presentHeight);
      const timeout = lowest((proven.length > 0 ? proven : present).map((one) => one.entry.timeoutTimestampSec));
      if (block.timestampSec < timeout) return 'ok';
      return proven.length > 0 ? this.#accuse(presentHeight) : 'disputed-timeout';
    }
    const otherValue = present.some(
      (one) => one.entry.path.kind === entry.path.kind && value(one.entry) !== value(entry),
    );
    const otherTimeout =
      entry.timeoutProven && proven.some((one) => one.entry.timeoutTimestampSec !== entry.timeoutTimestampSec);
    if (presentHeight !== undefined && (otherValue || otherTimeout)) return this.#accuse(presentHeight);
    if (absent.length === 0) return 'ok';
    const absentHeight = highest(absent.map((one) => one.block.height));
    if (absentHeight >= block.height) return this.#accuse(absentHeight);
    if (highest(absent.map((one) => one.block.timestampSec)) < entry.timeoutTimestampSec) return 'ok';
    return entry.timeoutProven ? this.#accuse(absentHeight) : 'disputed-timeout';
  }
}

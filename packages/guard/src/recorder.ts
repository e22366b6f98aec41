import type { Statement } from 'better-sqlite3';
import type { ParsedLimits } from './limits.ts';
import { Pruning } from './pruning.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import { type BlockFloor, BlockRule } from './rules/block-rule.ts';
import { ClientIds } from './rules/client-ids.ts';
import { type Objection, refusal } from './rules/outcome.ts';
import type { AbsenceFloor } from './rules/received-record.ts';
import { ReceivedRule } from './rules/received-rule.ts';
import { SentRule } from './rules/sent-rule.ts';
import type {
  ConflictRule,
  GuardConflict,
  GuardStatement,
  GuardVerdict,
  StatementBlock,
  StatementEntry,
} from './statement.ts';
import type { EvidenceStore } from './store/evidence.ts';
import type { FaultHook } from './store/faults.ts';
import type { HeldGuard } from './store/hold.ts';
import type { RecordedBlock } from './types.ts';

export interface RecorderDeps {
  readonly held: HeldGuard;
  readonly limits: ParsedLimits;
  readonly recent: RecentBlocks;
  readonly evidence: EvidenceStore;
  readonly now: () => number;
  readonly fault: FaultHook;
}

const OK: GuardVerdict = { ok: true };
/** Entries from which recording them at once pays. */
const MANY = 3;

/**
 * Judges statements one after the other inside an open transaction and writes down those that pass. Its counters and
 * floors run ahead of the disk until the commit: after a failed commit it must not be used any more.
 */
export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #blocks: BlockRule;
  readonly #sent: SentRule;
  readonly #received: ReceivedRule;
  readonly #clients: ClientIds;
  readonly #pruning: Pruning;
  readonly #savepoint: Statement;
  readonly #release: Statement;
  readonly #undo: Statement;
  readonly #stop: Statement<[bigint]>;
  #added: RecordedBlock[] = [];
  #asideThrough: bigint;
  #blockCount: number;
  #absenceCount: number;
  blockFloor: BlockFloor;
  absenceFloor: AbsenceFloor;
  stopped: GuardConflict | undefined;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    const { db, owner } = deps.held;
    this.#clients = new ClientIds(db);
    this.#blocks = new BlockRule(db);
    this.#sent = new SentRule(db, this.#clients);
    this.#received = new ReceivedRule(db, this.#clients);
    this.#pruning = new Pruning(db, this.#clients);
    this.#savepoint = db.prepare('savepoint statement');
    this.#release = db.prepare('release statement');
    this.#undo = db.prepare('rollback to statement');
    this.#stop = db.prepare('update guard set stopped_by = ?');
    this.blockFloor = { height: owner.floorHeight, timeSec: owner.floorTimeSec };
    this.absenceFloor = { height: owner.absenceFloorHeight, timeSec: owner.absenceFloorSec };
    this.#asideThrough = owner.asideThrough ?? -1n;
    this.stopped = owner.stoppedBy === undefined ? undefined : this.#storedConflict(owner.stoppedBy);
    const count = (sql: string): number => Number(db.prepare<[], { n: bigint }>(sql).get()?.n ?? 0n);
    this.#blockCount = count('select count(*) as n from block');
    this.#absenceCount = count('select count(*) as n from received where present_height is null');
  }

  get blockCount(): number {
    return this.#blockCount;
  }

  get absenceCount(): number {
    return this.#absenceCount;
  }

  /** Judges one statement; call it in the open transaction. */
  apply(statement: GuardStatement): GuardVerdict {
    if (this.stopped !== undefined) {
      return { ok: false, refused: 'stopped', detail: `source stopped by conflict ${this.stopped.evidenceId}` };
    }
    const { block } = statement;
    const isKnown = this.#isKnown(block);
    if (statement.kind === 'state') {
      const result = isKnown ? 'known' : this.#blocks.apply(block, this.blockFloor);
      return this.#conclude(result, block);
    }
    const isAtomic = isKnown && statement.entries.length === 1;
    if (isAtomic) return this.#conclude(this.#applyEntry(block, statement.entries[0]), block, statement.entries[0]);

    const absencesBefore = this.#absenceCount;
    this.#savepoint.run();
    const blockResult = isKnown ? 'known' : this.#blocks.apply(block, this.blockFloor);
    let objection: Objection | undefined = typeof blockResult === 'string' ? undefined : blockResult;
    let culprit: StatementEntry | undefined;
    const rest = objection === undefined && this.#addAllNew(block, statement.entries) ? [] : statement.entries;
    for (const entry of rest) {
      if (objection !== undefined) break;
      objection = this.#applyEntry(block, entry);
      if (objection !== undefined) culprit = entry;
    }
    if (objection !== undefined) {
      this.#undo.run();
      this.#clients.forget();
      this.#absenceCount = absencesBefore;
    }
    this.#release.run();
    return this.#conclude(objection ?? blockResult, block, culprit);
  }

  /** Stops the source for a contradiction; call it in the open transaction. */
  stop(rule: ConflictRule, detail: string, data: unknown): GuardConflict {
    const evidenceId = this.#deps.evidence.add(this.#deps.now(), rule, detail, data);
    this.#stop.run(BigInt(evidenceId));
    this.stopped = { rule, detail, evidenceId };
    this.#deps.fault('record:conflict');
    return this.stopped;
  }

  /** Forgets what is beyond the limits; call it at the end of the open transaction. */
  prune(): void {
    const { maxBlocks, maxAbsences } = this.#deps.limits;
    const excess = this.#blockCount - maxBlocks;
    if (excess > 0) {
      this.blockFloor = this.#pruning.dropBlocks(excess, this.blockFloor);
      this.#blockCount -= excess;
    }
    const excessAbsences = this.#absenceCount - maxAbsences;
    if (excessAbsences > 0) {
      const { floor, dropped } = this.#pruning.dropAbsences(excessAbsences, this.absenceFloor);
      this.absenceFloor = floor;
      this.#absenceCount -= dropped;
    }
  }

  /** Call it after the commit: what was recorded may now be relied on. */
  committed(): void {
    this.#deps.recent.add(this.#added, this.blockFloor.height);
    this.#added = [];
  }

  #isKnown(block: StatementBlock): boolean {
    const known = this.#deps.recent.at(block.height);
    return (
      known !== undefined &&
      known.hash === block.hash &&
      known.timestampSec === block.timestampSec &&
      block.height >= this.blockFloor.height
    );
  }

  #applyEntry(block: StatementBlock, entry: StatementEntry | undefined): Objection | undefined {
    if (entry === undefined) return undefined;
    if (entry.path.kind === 'packet') return this.#sent.apply(block.height, entry);
    return this.#received.apply(block, entry, this.absenceFloor, this.#countAbsences);
  }

  /** The quick way for the usual statement: many packets of one kind, none stated before. */
  #addAllNew(block: StatementBlock, entries: readonly StatementEntry[]): boolean {
    const [first] = entries;
    if (first === undefined || entries.length < MANY) return false;
    const { kind } = first.path;
    const isAbsent = first.commitment === undefined;
    if (entries.some((one) => one.path.kind !== kind || (one.commitment === undefined) !== isAbsent)) return false;
    return kind === 'packet'
      ? this.#sent.addAllNew(block.height, entries)
      : this.#received.addAllNew(block, entries, this.absenceFloor, this.#countAbsences);
  }

  readonly #countAbsences = (change: number): void => {
    this.#absenceCount += change;
  };

  #conclude(
    result: Objection | 'recorded' | 'known' | undefined,
    block: StatementBlock,
    entry?: StatementEntry,
  ): GuardVerdict {
    if (result === 'recorded') {
      this.#blockCount++;
      this.#added.push({ height: block.height, hash: block.hash, timestampSec: block.timestampSec });
    }
    if (result === undefined || typeof result === 'string') return OK;
    if (result.kind === 'refusal') return { ok: false, refused: result.reason, detail: result.detail };
    if (result.recordHeight <= this.#asideThrough) {
      const { reason, detail } = refusal('cleared-record', result.detail);
      return { ok: false, refused: reason, detail };
    }
    const conflict = this.stop(result.rule, result.detail, { block, entry, record: result.data });
    return { ok: false, conflict };
  }

  #storedConflict(evidenceId: number): GuardConflict {
    const found = this.#deps.evidence.find(evidenceId);
    return { rule: found?.rule ?? 'reported', detail: found?.detail ?? 'evidence is gone', evidenceId };
  }
}

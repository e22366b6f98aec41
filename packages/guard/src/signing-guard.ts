import { setImmediate } from 'node:timers/promises';
import type { Address } from '@interchain-attestation/core';
import { GuardError } from './errors.ts';
import { parseLimits } from './limits.ts';
import { parseBlock, parseStatement } from './parse-statement.ts';
import { RecentBlocks } from './recent-blocks.ts';
import { Recorder } from './recorder.ts';
import type { GuardConflict, GuardStatement, GuardVerdict } from './statement.ts';
import { toGuardError } from './store/errors.ts';
import { EvidenceStore } from './store/evidence.ts';
import type { FaultHook } from './store/faults.ts';
import { sizeOf } from './store/files.ts';
import type { HeldGuard } from './store/hold.ts';
import { readOperatorLog } from './store/operator-log.ts';
import type { ConflictReport, Evidence, Guard, GuardLimits, GuardSource, GuardStatus, RecordedBlock } from './types.ts';

interface Waiting<Input, Output> {
  readonly input: Input;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: GuardError) => void;
}

/** A conflict was reported while the statement was on its way to the disk: recorded, but not to be signed. */
const reportedMeanwhile = (verdict: GuardVerdict): GuardVerdict =>
  verdict.ok ? { ok: false, refused: 'stopped', detail: 'a conflict was reported meanwhile' } : verdict;

/**
 * Groups what arrives in one turn of the event loop, or while the disk is busy with the group before, into one
 * transaction and one flush.
 */
export class SigningGuard implements Guard {
  readonly key: Address;
  readonly source: GuardSource;
  readonly #held: HeldGuard;
  readonly #recent: RecentBlocks;
  readonly #evidence: EvidenceStore;
  readonly #recorder: Recorder;
  readonly #fault: FaultHook;
  #statements: Waiting<GuardStatement, GuardVerdict>[] = [];
  #reports: Waiting<ConflictReport, GuardConflict>[] = [];
  #running: Promise<void> | undefined;
  #failure: GuardError | undefined;
  #closing: Promise<void> | undefined;

  constructor(held: HeldGuard, options: GuardLimits & { now?: (() => number) | undefined }, fault: FaultHook) {
    const limits = parseLimits(options);
    this.#held = held;
    this.#fault = fault;
    this.key = held.owner.key;
    this.source = held.owner.source;
    this.#recent = new RecentBlocks(held.db, limits.reorgWindow);
    this.#evidence = new EvidenceStore(held.db, limits.maxEvidence);
    const now = options.now ?? Date.now;
    this.#recorder = new Recorder({ held, limits, recent: this.#recent, evidence: this.#evidence, now, fault });
  }

  async record(statement: GuardStatement): Promise<GuardVerdict> {
    this.#assertUsable();
    const input = this.#parse(() => parseStatement(statement));
    return new Promise((resolve, reject) => {
      this.#statements.push({ input, resolve, reject });
      this.#schedule();
    });
  }

  async reportConflict(report: ConflictReport): Promise<GuardConflict> {
    this.#assertUsable();
    const { block: given } = report;
    const block = given === undefined ? undefined : this.#parse(() => parseBlock(given));
    return new Promise((resolve, reject) => {
      this.#reports.push({ input: { ...report, block }, resolve, reject });
      this.#schedule();
    });
  }

  recordedBlocks(fromHeight?: bigint): readonly RecordedBlock[] {
    return this.#recent.from(fromHeight);
  }

  evidence(limit = 100): readonly Evidence[] {
    this.#assertUsable();
    return this.#evidence.list(limit);
  }

  status(): GuardStatus {
    const { files, db } = this.#held;
    // A database that failed is not asked again: a status must not throw.
    const isOpen = this.#closing === undefined && this.#failure === undefined;
    return {
      key: this.key,
      source: this.source,
      state: this.#state(),
      conflict: this.#recorder.stopped,
      floorHeight: this.#recorder.blockFloor.height,
      absenceFloorSec: this.#recorder.absenceFloor.timeSec,
      highestHeight: this.#recent.highest,
      blocks: this.#recorder.blockCount,
      absences: this.#recorder.absenceCount,
      evidence: isOpen ? this.#evidence.count() : 0,
      fileBytes: sizeOf(files.main) + sizeOf(files.wal),
      operatorLog: isOpen ? readOperatorLog(db) : [],
    };
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#running;
      this.#held.close();
    })();
    return this.#closing;
  }

  #state(): GuardStatus['state'] {
    if (this.#closing !== undefined) return 'closed';
    if (this.#failure !== undefined) return 'failed';
    return this.#recorder.stopped === undefined ? 'ready' : 'stopped';
  }

  #assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw new GuardError('guard/closed', 'guard is closed');
  }

  #parse<T>(parse: () => T): T {
    try {
      return parse();
    } catch (cause) {
      if (cause instanceof GuardError) throw cause;
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new GuardError('guard/invalid-input', `not a statement: ${text}`, { cause });
    }
  }

  #schedule(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#statements.length + this.#reports.length > 0) {
      // After the I/O callbacks of this turn, so that requests that became ready together share a flush.
      await setImmediate();
      await this.#flushGroup();
    }
    this.#running = undefined;
  }

  async #flushGroup(): Promise<void> {
    const statements = this.#statements;
    const reports = this.#reports;
    this.#statements = [];
    this.#reports = [];
    try {
      if (this.#failure !== undefined) throw this.#failure;
      const settle = this.#held.commit(() => this.#judge(reports, statements));
      await this.#held.flush();
      this.#recorder.committed();
      for (const tell of settle) tell();
    } catch (cause) {
      // What reached the disk is unknown, and memory may be ahead of it: shut until the file is read anew.
      this.#failure ??= toGuardError(cause, this.#held.files.main);
      for (const { reject } of [...reports, ...statements]) reject(this.#failure);
    }
  }

  /**
   * Reports come first: nothing that still waits is signed once a conflict is known. Returns how to tell the callers,
   * for after the commit.
   */
  #judge(
    reports: readonly Waiting<ConflictReport, GuardConflict>[],
    statements: readonly Waiting<GuardStatement, GuardVerdict>[],
  ): (() => void)[] {
    this.#fault('record:begun');
    const recorder = this.#recorder;
    const settle: (() => void)[] = [];
    for (const { input, resolve } of reports) {
      const data = { block: input.block, answers: input.answers };
      const conflict = recorder.stopped ?? recorder.stop(input.rule, input.detail, data);
      settle.push(() => resolve(conflict));
    }
    for (const { input, resolve } of statements) {
      const verdict = recorder.apply(input);
      this.#fault('record:applied');
      settle.push(() => resolve(this.#reports.length > 0 ? reportedMeanwhile(verdict) : verdict));
    }
    recorder.prune();
    return settle;
  }
}

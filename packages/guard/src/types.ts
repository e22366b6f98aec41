import type { Address, Hex } from '@interchain-attestation/core';
import type { ConflictRule, GuardConflict, GuardStatement, GuardVerdict, StatementBlock } from './statement.ts';

/** The one chain and store a key attests. Same shape as the chain port's identity. */
export interface GuardSource {
  readonly chainId: string;
  /** 32 bytes, 0x hex. */
  readonly genesisHash: Hex;
  /** Router address in EIP-55 (EVM) or name of the store (Cosmos). */
  readonly store: string;
}

/** How much is kept. Every bound raises a floor, never forgets silently. */
export interface GuardLimits {
  /** Highest recorded blocks kept in memory for the canonicity check. Default 1,024. */
  readonly reorgWindow?: number | undefined;
  /** Recorded blocks kept on disk; the lowest go first and raise the height floor. Default 1,000,000. */
  readonly maxBlocks?: number | undefined;
  /** Stated absences kept on disk; the oldest go first and raise the absence floor. Default 2,000,000. */
  readonly maxAbsences?: number | undefined;
  /** Evidence records kept on disk; the oldest cleared ones go first. Default 1,000. */
  readonly maxEvidence?: number | undefined;
}

export interface OpenGuardOptions extends GuardLimits {
  /** File of the guard. Beside it stand `-wal`, `-shm` and `.witness`. */
  readonly path: string;
  readonly source: GuardSource;
  /** Address of the signing key. */
  readonly key: Address;
  /** Whether a missing file may be made anew. Say true only where it is known that this key never signed before. */
  readonly create: boolean;
  /** Unix milliseconds, for evidence and the operator's log. */
  readonly now?: (() => number) | undefined;
}

/** A block that was stated and must stay canonical. */
export interface RecordedBlock {
  readonly height: bigint;
  readonly hash: Hex;
  readonly timestampSec: bigint;
}

/** What one RPC endpoint said. Strings only: numbers in decimal, bytes in hex; URLs as origin. */
export interface RpcAnswer {
  readonly origin: string;
  readonly answer: Readonly<Record<string, string>>;
}

/** A contradiction that the attestor found outside of `record`. */
export interface ConflictReport {
  readonly rule: 'not-canonical' | 'reported';
  readonly detail: string;
  readonly block?: StatementBlock | undefined;
  readonly answers?: readonly RpcAnswer[] | undefined;
}

/** A durable record of a conflict. */
export interface Evidence {
  readonly id: number;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly rule: ConflictRule;
  readonly detail: string;
  /** JSON: the statement or the report, with what each RPC said. */
  readonly data: string;
  /** True once an operator has cleared it. */
  readonly cleared: boolean;
}

/** Something an operator did to a guard. */
export interface OperatorAction {
  readonly atMs: number;
  readonly action: 'create' | 'clear' | 'export' | 'import' | 'accept-copy' | 'cancel-move';
  readonly reason: string;
}

export interface GuardStatus {
  readonly key: Address;
  readonly source: GuardSource;
  /** `moved`: exported, signs no more. `stopped`: a conflict waits for an operator. */
  readonly state: 'ready' | 'stopped' | 'moved' | 'failed' | 'closed';
  /** The conflict that stopped the source. */
  readonly conflict?: GuardConflict | undefined;
  /** Nothing is signed below this height. */
  readonly floorHeight: bigint;
  /** Receipts and acknowledgements of packets whose timeout is at or below this are signed only if stated before. */
  readonly absenceFloorSec: bigint;
  readonly highestHeight?: bigint | undefined;
  readonly blocks: number;
  readonly absences: number;
  readonly evidence: number;
  readonly fileBytes: number;
  readonly operatorLog: readonly OperatorAction[];
}

/**
 * The durable memory of one signing key about one source. Ask `record` before every signature and sign only after
 * `ok: true`. Whatever it throws: do not sign.
 */
export interface Guard {
  readonly key: Address;
  readonly source: GuardSource;

  /**
   * Checks a statement against everything stated before and makes it durable. Statements of one event-loop turn share
   * a transaction and one flush to disk; they are judged in the order of the calls.
   * @throws GuardError `guard/invalid-input`, `guard/storage-failed`, `guard/closed`
   */
  record(statement: GuardStatement): Promise<GuardVerdict>;

  /**
   * Stops the source for a contradiction found elsewhere, keeping evidence. Takes effect at once, also for statements
   * whose `record` is still pending; resolves when durable.
   * @throws GuardError `guard/storage-failed` (the guard refuses everything from then on, too), `guard/closed`
   */
  reportConflict(report: ConflictReport): Promise<GuardConflict>;

  /**
   * Recorded blocks at or above `fromHeight`, ascending, at most `reorgWindow` of them (the highest). From memory; the
   * array is not changed later and is the same one until a block is added, so it can be compared by identity when
   * `fromHeight` is left out.
   */
  recordedBlocks(fromHeight?: bigint): readonly RecordedBlock[];

  /** Cheap: from memory, except sizes. */
  status(): GuardStatus;

  /** Newest first. */
  evidence(limit?: number): readonly Evidence[];

  /** Waits for pending records, then lets go of the file. */
  close(): Promise<void>;
}

/**
 * An operator's decision about a stopped, copied or moved guard. The records stay in force. With `acceptCopy` or
 * `cancelMove` a conflict is not cleared in the same call.
 */
export interface ClearOptions {
  /** Kept in the operator log. */
  readonly reason: string;
  /**
   * Puts aside every record up to this height (after a reorganisation past finality, say): nothing is signed there or
   * below any more, recorded hashes there are no longer checked, and a contradiction with a packet record from there is
   * refused without stopping the source again. Must not be below the current floor.
   */
  readonly putAsideThrough?: bigint | undefined;
  /** The file was copied or restored on purpose, and it is certain that no newer record was lost. */
  readonly acceptCopy?: boolean | undefined;
  /** The export was never imported anywhere, and the file is destroyed. */
  readonly cancelMove?: boolean | undefined;
  readonly now?: (() => number) | undefined;
}

export interface ExportOptions {
  /** Kept in the operator log. */
  readonly reason: string;
  readonly now?: (() => number) | undefined;
}

export interface ExportSummary {
  readonly exportId: string;
  readonly blocks: number;
  readonly packets: number;
  readonly fileBytes: number;
}

export interface ImportOptions {
  /** Expected owner: an import for another key or source is refused. */
  readonly key: Address;
  readonly source: GuardSource;
  readonly reason: string;
  readonly now?: (() => number) | undefined;
}

export interface ImportSummary {
  readonly exportId: string;
  /** True when there was a guard already, whose records were kept besides. */
  readonly merged: boolean;
  readonly blocks: number;
  readonly packets: number;
}

import type { CommitmentPath, Hex } from '@interchain-attestation/core';

/** The block a statement derives from: every statement at a height must come from the same hash and timestamp. */
export interface StatementBlock {
  readonly height: bigint;
  /** 32 bytes, 0x hex. */
  readonly hash: Hex;
  /** 32 bytes, 0x hex. When given, it must match the recorded block one height below (and the other way round). */
  readonly parentHash?: Hex | undefined;
  /** Unix seconds. */
  readonly timestampSec: bigint;
}

/** What a statement says about one path. */
export interface StatementEntry {
  readonly path: CommitmentPath;
  /** 32 bytes that the chain holds there, never all zero. Undefined: absence, which only a receipt may have. */
  readonly commitment?: Uint8Array | undefined;
  /**
   * The packet's timeout in unix seconds. Compared only for receipts and acknowledgements that exist: no absence that
   * was or will be stated may have a block timestamp at or past it. On an absence it is not used, since a requester
   * can claim any packet for a sequence that the chain has not seen.
   */
  readonly timeoutTimestampSec: bigint;
  /**
   * True when the source chain itself ties this timeout to the sequence, for example an EVM receipt that equals
   * keccak256(abi.encode(packet)). Only then is a contradiction in time a conflict that stops the source. Without it
   * the statement is refused as `disputed-timeout` and the source goes on, because the timeout is a requester's claim:
   * anybody who may ask could otherwise stop the attestor.
   */
  readonly timeoutProven?: boolean | undefined;
}

/** "Block H has time T." */
export interface StateStatement {
  readonly kind: 'state';
  readonly block: StatementBlock;
}

/** "At block H these paths hold this, or nothing." All or nothing. */
export interface PacketStatement {
  readonly kind: 'packets';
  readonly block: StatementBlock;
  readonly entries: readonly StatementEntry[];
}

/** What a key is about to sign. */
export type GuardStatement = StateStatement | PacketStatement;

/** Which rule a statement broke. */
export type ConflictRule =
  /** Another hash was recorded for the height. */
  | 'block-hash'
  /** Another timestamp was recorded for the height. */
  | 'block-timestamp'
  /** The parent hash does not match the neighbouring recorded block. */
  | 'block-parent'
  /** The timestamp is lower than that of a recorded block below, or higher than that of one above. */
  | 'timestamp-order'
  /** A recorded hash is no longer canonical: found by the attestor, reported through `reportConflict`. */
  | 'not-canonical'
  /** Another non-zero commitment, or another proven timeout, was recorded for the path. */
  | 'commitment-changed'
  /** A receipt absent at or above a height at which it, or the acknowledgement, was present. */
  | 'receipt-removed'
  /** A receipt absent at or past the packet's timeout, and present. */
  | 'timeout-contradicted'
  /** Anything else the attestor found, for example RPC endpoints that disagree about a final block. */
  | 'reported';

/** Two things that cannot both be true under one key. The second was not signed. */
export interface GuardConflict {
  readonly rule: ConflictRule;
  /** One sentence with the recorded and the new value. */
  readonly detail: string;
  /** Number of the durable evidence record. */
  readonly evidenceId: number;
}

/** Why a statement is not signed though it does not stop the source. */
export type GuardRefusal =
  /** Below the floor that pruning, an import or an operator raised: what was stated there is no longer known. */
  | 'below-floor'
  /** The source stands still after a conflict, until an operator clears it. */
  | 'stopped'
  /** Contradicts the record in time, but only if a timeout that the chain does not prove is true. */
  | 'disputed-timeout'
  /** Contradicts a record that an operator has put aside when clearing a conflict: never signed, never stops again. */
  | 'cleared-record'
  /** Absence of a packet commitment or an acknowledgement: no IBC v2 proof needs it and no rule covers it. */
  | 'not-attestable';

/** A verdict on one statement. `ok: true` means: durable on disk, may be signed. */
export type GuardVerdict =
  | { readonly ok: true; readonly conflict?: undefined; readonly refused?: undefined }
  | { readonly ok: false; readonly conflict: GuardConflict; readonly refused?: undefined }
  | { readonly ok: false; readonly refused: GuardRefusal; readonly detail: string; readonly conflict?: undefined };

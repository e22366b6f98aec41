import type { ConflictRule } from '@interchain-attestation/guard';

/** What happens inside an attestor; logs and metrics subscribe. */
export type AttestorEvent =
  /** The chain answered which block is final. */
  | { readonly type: 'final'; readonly height: bigint; readonly timestampSec: bigint }
  /** A read of the chain failed, after the adapter's own attempts. */
  | {
      readonly type: 'read-failed';
      readonly operation: 'state' | 'packets' | 'latest' | 'poll' | 'start';
      readonly error: unknown;
    }
  /** A height above the final one was asked for. */
  | { readonly type: 'height-rejected'; readonly height: bigint }
  /** What the chain holds is not what the caller says. */
  | { readonly type: 'commitment-rejected'; readonly kind: string }
  /** The chain was reached after an outage at start. */
  | { readonly type: 'started' }
  | { readonly type: 'recorded'; readonly durationMs: number }
  | { readonly type: 'signed'; readonly ok: boolean }
  /** A statement was handed out. */
  | { readonly type: 'attested'; readonly kind: 'state' | 'packet'; readonly height: bigint; readonly packets: number }
  | { readonly type: 'answered-from-memory' }
  /** Signing has stopped. */
  | { readonly type: 'conflict'; readonly rule: ConflictRule; readonly detail: string; readonly evidenceId: number }
  | { readonly type: 'guard-failed'; readonly error: unknown }
  /** A final block was replaced, none that was attested. */
  | { readonly type: 'final-reorg'; readonly height: bigint };

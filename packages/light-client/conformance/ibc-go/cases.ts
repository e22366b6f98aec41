import { bytesToHex } from '@interchain-attestation/core';
import type { Call } from '../generate/calls.ts';
import type { StoreEntries } from './clients.ts';

/** Who is asked: the light client alone, or IBC core around it. */
export type Level = 'module' | 'core';

/** Something to ask both. */
export type Step =
  | Call
  | {
      readonly kind: 'initialize';
      readonly attestors: readonly string[];
      readonly minRequiredSigs: number;
      readonly height: bigint;
      readonly timestampSec: bigint;
    }
  | { readonly kind: 'status' | 'latestHeight' | 'recover' | 'upgrade' }
  | { readonly kind: 'timestampAtHeight'; readonly height: bigint };

/** Steps over a store, one after the other. */
export interface Case {
  readonly name: string;
  readonly level: Level;
  readonly store: StoreEntries;
  readonly steps: readonly Step[];
}

/** What came of a case: a line a step, and the store afterwards (hex, sorted by key). */
export interface Outcome {
  readonly results: readonly string[];
  readonly store: readonly string[];
}

/** Lower-case hex without 0x, as the oracle writes and reads it. */
export const bare = (bytes: Uint8Array): string => bytesToHex(bytes).slice(2);

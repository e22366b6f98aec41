import type { Address, Hex } from '@interchain-attestation/core';

/** What happened to one step, or what would happen. */
export interface StepReport {
  readonly chain: string;
  /** Stable id, for example `deploy:ics26Router`. */
  readonly step: string;
  /** For people. */
  readonly title: string;
  readonly outcome: 'exists' | 'planned' | 'done' | 'resumed';
  /** Contract that the step made or found; predicted in a plan. */
  readonly address?: Address;
  /** Client that the step made or found, where the chain names it. */
  readonly clientId?: string;
  readonly txHash?: Hex;
  readonly gasUsed?: bigint;
}

/** Called when a step begins to send, and when it ends. */
export type StepListener = (
  event:
    | { readonly type: 'begin'; readonly chain: string; readonly title: string }
    | { readonly type: 'end'; readonly report: StepReport },
) => void;

/** The result of one command on one chain. */
export interface DeployResult {
  readonly chain: string;
  readonly steps: readonly StepReport[];
  /** What the operator should still do, in sentences. */
  readonly warnings: readonly string[];
}

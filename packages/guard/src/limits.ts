import { z } from 'zod';
import { GuardError } from './errors.ts';
import type { GuardLimits } from './types.ts';

const limits = z.object({
  reorgWindow: z.int().min(1).max(1_000_000).default(1_024),
  maxBlocks: z.int().min(1).max(1_000_000_000).default(1_000_000),
  maxAbsences: z.int().min(1).max(1_000_000_000).default(2_000_000),
  maxEvidence: z.int().min(1).max(1_000_000).default(1_000),
});

/** Limits with their defaults filled in. */
export interface ParsedLimits {
  readonly reorgWindow: number;
  readonly maxBlocks: number;
  readonly maxAbsences: number;
  readonly maxEvidence: number;
}

/** @throws GuardError `guard/invalid-input` naming every wrong limit */
export const parseLimits = (options: GuardLimits): ParsedLimits => {
  const result = limits.safeParse(options);
  if (result.success) return result.data;
  throw new GuardError('guard/invalid-input', z.prettifyError(result.error), { cause: result.error });
};

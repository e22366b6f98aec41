import type { Hex } from '@interchain-attestation/core';
import { CliError } from '../output/errors.ts';

/**
 * A transaction hash: 0x and hex digits as EVM tools print it, or upper-case digits alone as Cosmos tools do.
 * @throws CliError `cli/usage`
 */
export const parseTxHash = (text: string): Hex => {
  const digits = /^(?:0x)?([0-9a-fA-F]{64})$/i.exec(text.trim())?.[1];
  if (digits !== undefined) return `0x${digits.toLowerCase()}`;
  throw new CliError(
    'cli/usage',
    `expected a transaction hash (64 hex digits, with or without 0x), got ${JSON.stringify(text.slice(0, 80))}`,
  );
};

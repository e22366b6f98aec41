import type { Hex } from '@interchain-attestation/core';
import { type Abi, BaseError, ContractFunctionRevertedError, decodeErrorResult } from 'viem';

/** Name of the custom error that a read of a contract ended in; undefined for anything else. */
export const revertName = (error: unknown): string | undefined => {
  const reverted =
    error instanceof BaseError ? error.walk((cause) => cause instanceof ContractFunctionRevertedError) : null;
  return reverted instanceof ContractFunctionRevertedError ? reverted.data?.errorName : undefined;
};

/** Why a transaction would fail: the decoded custom error, or what the node says in one line. */
export const reasonOf = (error: unknown, abi: Abi): string => {
  if (!(error instanceof BaseError)) return (error as Error).message;
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError && reverted.data) return reverted.data.errorName;
  const raw = error.walk((cause) => typeof (cause as { data?: unknown }).data === 'string') as { data?: Hex } | null;
  if (raw?.data !== undefined && raw.data !== '0x') {
    try {
      const { errorName, args } = decodeErrorResult({ abi, data: raw.data });
      return `${errorName}(${(args ?? []).map(String).join(', ')})`;
    } catch {
      return `unknown error ${raw.data.slice(0, 10)}`;
    }
  }
  return error.shortMessage;
};

/** True when the chain ran the transaction and refused it, and false for an outage. */
export const isRevert = (error: unknown): boolean =>
  error instanceof BaseError &&
  error.walk(
    (cause) => /revert|ExecutionReverted/i.test((cause as Error).name) || (cause as { code?: unknown }).code === 3,
  ) !== null;

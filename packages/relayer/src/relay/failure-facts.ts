import { isAttestationError } from '@interchain-attestation/core';
import { RpcError } from '@interchain-attestation/service';
import type { FailureFacts } from '../domain/classify-failure.ts';

/** Reads what decides from an error of the proof API or of a chain. */
export const errorToFacts = (error: unknown, stage: FailureFacts['stage']): FailureFacts => {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RpcError) {
    const { grpcCode, reason } = error;
    return { stage, grpcCode, message, ...(reason === undefined ? {} : { code: reason }) };
  }
  if (error instanceof Error && error.name === 'SqliteError') return { stage, message, code: 'store/failed' };
  if (!isAttestationError(error)) return { stage, message };
  const { reason, kind: plainKind, status, rpcCode } = error.meta;
  const kind = plainKind === 'status' || plainKind === 'rpc-error' ? `${plainKind}:${status ?? rpcCode}` : plainKind;
  return {
    ...{ stage, code: error.code, message },
    ...(typeof reason === 'string' ? { revert: reason } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
  };
};

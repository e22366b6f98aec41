import { isAttestationError } from '@interchain-attestation/core';
import { redactText } from '../log/redact.ts';
import { GrpcCode } from './code.ts';
import { RpcError } from './rpc-error.ts';

/** What a caller is told. */
export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
  /** Code of the error behind it: travels as the `error-code` trailer, so that callers need not match text. */
  readonly reason?: string | undefined;
}

/** Turns an error of a service into a status; undefined when it does not know the error. */
export type ToStatus = (error: unknown) => GrpcStatus | undefined;

/** Trailer that carries the code of the error behind a status. */
export const ERROR_CODE_TRAILER = 'error-code';

/**
 * Makes {@link ToStatus} from a table with one status for each error code. Declare the table as
 * `Record<YourErrorCode, GrpcCode>`, and it does not compile while a code is missing.
 */
export const statusTable =
  (table: Readonly<Record<string, GrpcCode>>): ToStatus =>
  (error) => {
    if (!isAttestationError(error) || !Object.hasOwn(table, error.code)) return undefined;
    return { code: table[error.code] ?? GrpcCode.Internal, message: error.message, reason: error.code };
  };

/**
 * The one place where errors become statuses. An error that neither the service nor this table knows is an accident:
 * it becomes Internal without its text, which may name hosts, keys or files. Messages of known errors lose everything
 * of a URL but its origin (peers.md #8, #14).
 */
export const errorToStatus = (error: unknown, toStatus?: ToStatus): GrpcStatus & { readonly expected: boolean } => {
  const known = toStatus?.(error) ?? rpcStatus(error);
  if (known === undefined) return { code: GrpcCode.Internal, message: 'internal error', expected: false };
  return {
    ...known,
    message: redactText(known.message),
    expected: known.code !== GrpcCode.Internal && known.code !== GrpcCode.Unknown,
  };
};

const rpcStatus = (error: unknown): GrpcStatus | undefined =>
  error instanceof RpcError ? { code: error.grpcCode, message: error.message, reason: error.reason } : undefined;

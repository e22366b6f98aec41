import { AttestationError, type ErrorOptions } from '@interchain-attestation/core';
import { GrpcCode, type GrpcCodeName, grpcCodeName } from './code.ts';

type Kebab<Name extends string> = Name extends `${infer Head}${infer Tail}`
  ? Tail extends Uncapitalize<Tail>
    ? `${Lowercase<Head>}${Kebab<Tail>}`
    : `${Lowercase<Head>}-${Kebab<Tail>}`
  : Name;

/** `rpc/unavailable`, `rpc/deadline-exceeded`, ...: one a gRPC status code. */
export type RpcErrorCode = `rpc/${Kebab<GrpcCodeName>}`;

const toErrorCode = (grpcCode: number): RpcErrorCode =>
  `rpc/${grpcCodeName(grpcCode)
    .replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase()}` as RpcErrorCode;

const RETRYABLE: ReadonlySet<number> = new Set([
  GrpcCode.Unavailable,
  GrpcCode.DeadlineExceeded,
  GrpcCode.ResourceExhausted,
]);

/**
 * How a remote call failed, on either side of it: clients throw it, and a service may throw it to choose the status
 * itself.
 */
export class RpcError extends AttestationError<RpcErrorCode> {
  /** gRPC status code, 1..16. */
  readonly grpcCode: number;
  /** Code of the error behind the status (`guard/conflict`), when the server named one. */
  readonly reason: string | undefined;

  constructor(
    grpcCode: number,
    message: string,
    options: ErrorOptions & { readonly reason?: string | undefined } = {},
  ) {
    const { reason, ...rest } = options;
    super(toErrorCode(grpcCode), message, {
      ...rest,
      retryable: options.retryable ?? RETRYABLE.has(grpcCode),
      meta: reason === undefined ? { ...options.meta } : { ...options.meta, reason },
    });
    this.grpcCode = grpcCode;
    this.reason = reason;
  }
}

import { isAttestationError } from '@interchain-attestation/core';
import { GrpcCode, grpcCodeName, RpcError } from '@interchain-attestation/service';

/** How an attestor failed to give an attestation. */
export type FailureKind =
  /** The height is above what this attestor calls final: worth asking again at the next block. */
  | 'not-final'
  /** It answered, and does not attest: it sees something else, or cannot serve the height. */
  | 'refused'
  /** Its signing guard holds a contradicting statement: an operator must look. */
  | 'guard-conflict'
  | 'unreachable'
  | 'no-answer'
  /** The bytes that came back are no protobuf message of the service. */
  | 'malformed'
  /** This side no longer needed the answer. */
  | 'cancelled';

export interface Failure {
  readonly kind: FailureKind;
  /** One short printable line; what an attestor writes is never trusted further than that. */
  readonly detail: string;
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  [GrpcCode.FailedPrecondition]: 'not-final',
  [GrpcCode.Aborted]: 'guard-conflict',
  [GrpcCode.Unavailable]: 'unreachable',
  [GrpcCode.DeadlineExceeded]: 'no-answer',
};

const MAX_DETAIL = 160;

/** Text of a stranger, made safe for a log line and an error message. */
export const printable = (text: string): string => {
  const clean = text.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return clean.length > MAX_DETAIL ? `${clean.slice(0, MAX_DETAIL)}...` : clean;
};

/** Classifies what a call to an attestor threw. */
export const toFailure = (error: unknown, signal: AbortSignal): Failure => {
  if (signal.aborted) return { kind: 'cancelled', detail: 'no longer needed' };
  if (!(error instanceof RpcError)) {
    const what = isAttestationError(error) ? error.code : 'not a message of this service';
    return { kind: 'malformed', detail: what };
  }
  const kind = KINDS[error.grpcCode] ?? 'refused';
  return { kind, detail: printable(`${grpcCodeName(error.grpcCode)}: ${error.message}`) };
};

/** Whether a failure speaks against the connection or the process, and so moves its circuit breaker. */
export const isOutage = (kind: FailureKind): boolean =>
  kind === 'unreachable' || kind === 'no-answer' || kind === 'malformed';

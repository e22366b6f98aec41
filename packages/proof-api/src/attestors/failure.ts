import { isAttestationError } from '@interchain-attestation/core';
import { GrpcCode, grpcCodeName, RpcError } from '@interchain-attestation/service';
import type { Question } from '../domain/statement.ts';

/** How an attestor failed to give an attestation. */
export type FailureKind =
  /** The height is above what this attestor calls final: worth asking again at the next block. */
  | 'not-final'
  /** It answered, and does not attest: it cannot serve the height, or the question makes no sense to it. */
  | 'refused'
  /** It does not attest because of one of the packets: it sees something else, or holds it for malformed. */
  | 'packet-refused'
  /** Its signing guard holds a contradicting statement: an operator must look. */
  | 'guard-conflict'
  /** It is there, and its own node is not. */
  | 'chain-outage'
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

/** Statuses with which attestors of every make refuse a packet. */
const PACKET_STATUS: ReadonlySet<number> = new Set([GrpcCode.NotFound, GrpcCode.InvalidArgument]);

const kindOf = (error: RpcError, question: Question | 'height'): FailureKind => {
  // The guard's doubt about what the caller says of one packet; others can still be attested.
  if (error.reason === 'attestor/disputed') return 'packet-refused';
  // Whoever names a reason is up, whatever has happened to the chain behind it.
  if (error.grpcCode === GrpcCode.Unavailable && error.reason !== undefined) return 'chain-outage';
  const isAboutPackets = question !== 'state' && question !== 'height';
  if (isAboutPackets && PACKET_STATUS.has(error.grpcCode)) return 'packet-refused';
  return KINDS[error.grpcCode] ?? 'refused';
};

const MAX_DETAIL = 160;

/** Text of a stranger, made safe for a log line and an error message. */
export const printable = (text: string): string => {
  const clean = text.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return clean.length > MAX_DETAIL ? `${clean.slice(0, MAX_DETAIL)}...` : clean;
};

/** Classifies what a call to an attestor threw. */
export const toFailure = (error: unknown, question: Question | 'height', signal: AbortSignal): Failure => {
  if (signal.aborted) return { kind: 'cancelled', detail: 'no longer needed' };
  if (!(error instanceof RpcError)) {
    const what = isAttestationError(error) ? error.code : 'not a message of this service';
    return { kind: 'malformed', detail: what };
  }
  return { kind: kindOf(error, question), detail: printable(`${grpcCodeName(error.grpcCode)}: ${error.message}`) };
};

/** Whether a failure speaks against the connection or the process, and so moves its circuit breaker. */
export const isOutage = (kind: FailureKind): boolean =>
  kind === 'unreachable' || kind === 'no-answer' || kind === 'malformed';

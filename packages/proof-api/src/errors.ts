import { AttestationError } from '@interchain-attestation/core';
import { GrpcCode, statusTable, type ToStatus } from '@interchain-attestation/service';

/** Codes of the errors of the proof API; they travel to callers as the reason of the gRPC status. */
export type ProofApiErrorCode =
  | 'proof-api/config-invalid'
  /** A field of the request is missing, malformed or out of range. */
  | 'proof-api/invalid-request'
  | 'proof-api/unknown-route'
  | 'proof-api/tx-not-found'
  | 'proof-api/tx-failed'
  /** None of the packets can be proven any more (or yet); the message names each with its reason. */
  | 'proof-api/nothing-to-relay'
  /** The destination can take none of the packets, whatever is proven: they can only time out. */
  | 'proof-api/undeliverable'
  /** Some are larger than attestors take, and the others cannot be proven: until limits are raised, not for ever. */
  | 'proof-api/packet-too-large'
  /** More packets than one transaction takes; `meta.fits` says how many do. */
  | 'proof-api/too-many-packets'
  /** Not final yet for enough attestors: the same call may succeed at the next block. */
  | 'proof-api/not-final'
  /** The client already holds the newest height that enough attestors report. */
  | 'proof-api/up-to-date'
  /** Too few good answers; the message says who answered what. */
  | 'proof-api/quorum-not-reached'
  /** So many attestors refuse because of a packet that no quorum is left: ask for the packets in smaller parts. */
  | 'proof-api/packets-refused'
  /** Enough attestors contradict what this proof API reads, or each other: an operator must look. */
  | 'proof-api/route-stopped'
  | 'proof-api/client-frozen'
  | 'proof-api/client-not-found'
  | 'proof-api/client-unsupported'
  /** The destination's client would refuse the assembled proof: it does not leave. A defect or a race; see the message. */
  | 'proof-api/proof-refused'
  /** An RPC node of one of the chains gives no usable answer. */
  | 'proof-api/chain-unavailable'
  | 'proof-api/closed';

/** Error of the proof API. */
export class ProofApiError extends AttestationError<ProofApiErrorCode> {}

const STATUS: Readonly<Record<ProofApiErrorCode, GrpcCode>> = {
  'proof-api/config-invalid': GrpcCode.InvalidArgument,
  'proof-api/invalid-request': GrpcCode.InvalidArgument,
  'proof-api/unknown-route': GrpcCode.InvalidArgument,
  'proof-api/tx-not-found': GrpcCode.NotFound,
  'proof-api/tx-failed': GrpcCode.InvalidArgument,
  'proof-api/nothing-to-relay': GrpcCode.NotFound,
  'proof-api/undeliverable': GrpcCode.InvalidArgument,
  'proof-api/packet-too-large': GrpcCode.InvalidArgument,
  'proof-api/too-many-packets': GrpcCode.InvalidArgument,
  'proof-api/not-final': GrpcCode.FailedPrecondition,
  'proof-api/up-to-date': GrpcCode.FailedPrecondition,
  'proof-api/quorum-not-reached': GrpcCode.Unavailable,
  'proof-api/packets-refused': GrpcCode.InvalidArgument,
  'proof-api/route-stopped': GrpcCode.Aborted,
  'proof-api/client-frozen': GrpcCode.Aborted,
  'proof-api/client-not-found': GrpcCode.NotFound,
  'proof-api/client-unsupported': GrpcCode.InvalidArgument,
  'proof-api/proof-refused': GrpcCode.Aborted,
  'proof-api/chain-unavailable': GrpcCode.Unavailable,
  'proof-api/closed': GrpcCode.Unavailable,
};

/** The one edge where errors become gRPC statuses. */
export const toStatus: ToStatus = statusTable(STATUS);

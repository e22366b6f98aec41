import { isAttestationError } from '@interchain-attestation/core';
import { GrpcCode, statusTable, type ToStatus } from '@interchain-attestation/service';
import type { RelayerErrorCode } from '../errors.ts';

const OWN: Readonly<Record<RelayerErrorCode, GrpcCode>> = {
  'relayer/invalid-config': GrpcCode.Internal,
  'relayer/store-locked': GrpcCode.Unavailable,
  'relayer/store-unusable': GrpcCode.Unavailable,
  'relayer/wrong-chain': GrpcCode.FailedPrecondition,
  'relayer/unknown-chain': GrpcCode.InvalidArgument,
  'relayer/unknown-route': GrpcCode.NotFound,
  'relayer/no-packets': GrpcCode.NotFound,
  'relayer/invalid-request': GrpcCode.InvalidArgument,
  'relayer/route-halted': GrpcCode.FailedPrecondition,
  'relayer/reorg-past-finality': GrpcCode.FailedPrecondition,
  'relayer/foreign-contract': GrpcCode.FailedPrecondition,
  'relayer/foreign-transaction': GrpcCode.FailedPrecondition,
  'relayer/incomplete-events': GrpcCode.Unavailable,
};

const CHAIN: Readonly<Record<string, GrpcCode>> = {
  'chain/unavailable': GrpcCode.Unavailable,
  'chain/tx-not-found': GrpcCode.NotFound,
  'chain/tx-failed': GrpcCode.InvalidArgument,
  'chain/invalid-input': GrpcCode.InvalidArgument,
  'chain/height-not-final': GrpcCode.Unavailable,
};

const own = statusTable(OWN);
const chain = statusTable(CHAIN);

/** The one edge where errors become gRPC statuses. */
export const toStatus: ToStatus = (error) => own(error) ?? (isAttestationError(error) ? chain(error) : undefined);

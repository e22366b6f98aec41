import type { ChainErrorCode } from '@interchain-attestation/chains';
import { AttestationError } from '@interchain-attestation/core';
import type { GuardErrorCode } from '@interchain-attestation/guard';
import { GrpcCode, statusTable, type ToStatus } from '@interchain-attestation/service';

/** Codes of the errors that the attestor itself throws. */
export type AttestorErrorCode =
  | 'attestor/invalid-height'
  | 'attestor/no-packets'
  | 'attestor/too-many-packets'
  | 'attestor/packet-too-large'
  | 'attestor/malformed-packet'
  | 'attestor/duplicate-packet'
  | 'attestor/unknown-commitment-type'
  /** The chain holds another commitment than the packet's. */
  | 'attestor/wrong-commitment'
  /** The receipt that should be absent is there: the packet was received, and its timeout can never be proven. */
  | 'attestor/receipt-exists'
  /** The chain received another packet under this sequence than the one shown. */
  | 'attestor/wrong-packet'
  | 'attestor/height-not-final'
  | 'attestor/commitment-missing'
  /** Contradicts what this key has stated before. Signing has stopped until an operator clears the guard. */
  | 'attestor/conflict'
  /** Signing has stopped after an earlier conflict. */
  | 'attestor/stopped'
  /** Contradicts what was stated before, if what the caller says about the packet is true. Signing goes on. */
  | 'attestor/disputed'
  /** What was stated at that height is no longer known. */
  | 'attestor/below-floor'
  /** The chain has not been reached since the start. */
  | 'attestor/starting'
  /** The RPC has not yet reached a height that was attested before. */
  | 'attestor/chain-behind'
  /** The RPC contradicts itself: headers that do not link, a final height without a block. */
  | 'attestor/chain-inconsistent'
  | 'attestor/guard-failed'
  | 'attestor/signer-failed'
  | 'attestor/closed'
  /** Start refused: one key would attest two sources. */
  | 'attestor/key-shared'
  /** Start refused: the signer signs with another key than it names. */
  | 'attestor/wrong-signer';

/** Error of the attestor. */
export class AttestorError extends AttestationError<AttestorErrorCode> {}

const ATTESTOR_STATUS: Readonly<Record<AttestorErrorCode, GrpcCode>> = {
  'attestor/invalid-height': GrpcCode.InvalidArgument,
  'attestor/no-packets': GrpcCode.InvalidArgument,
  'attestor/too-many-packets': GrpcCode.InvalidArgument,
  'attestor/packet-too-large': GrpcCode.InvalidArgument,
  'attestor/malformed-packet': GrpcCode.InvalidArgument,
  'attestor/duplicate-packet': GrpcCode.InvalidArgument,
  'attestor/unknown-commitment-type': GrpcCode.InvalidArgument,
  'attestor/wrong-commitment': GrpcCode.InvalidArgument,
  // Not FailedPrecondition, which tells a relayer to come back later: this packet wants its acknowledgement relayed.
  'attestor/receipt-exists': GrpcCode.InvalidArgument,
  'attestor/wrong-packet': GrpcCode.InvalidArgument,
  'attestor/height-not-final': GrpcCode.FailedPrecondition,
  'attestor/commitment-missing': GrpcCode.NotFound,
  'attestor/conflict': GrpcCode.Aborted,
  'attestor/stopped': GrpcCode.Aborted,
  'attestor/disputed': GrpcCode.Aborted,
  'attestor/below-floor': GrpcCode.OutOfRange,
  'attestor/starting': GrpcCode.Unavailable,
  'attestor/chain-behind': GrpcCode.Unavailable,
  'attestor/chain-inconsistent': GrpcCode.Unavailable,
  'attestor/guard-failed': GrpcCode.Unavailable,
  'attestor/signer-failed': GrpcCode.Unavailable,
  'attestor/closed': GrpcCode.Unavailable,
  'attestor/key-shared': GrpcCode.Internal,
  'attestor/wrong-signer': GrpcCode.Internal,
};

const CHAIN_STATUS: Readonly<Record<ChainErrorCode, GrpcCode>> = {
  'chain/unavailable': GrpcCode.Unavailable,
  'chain/wrong-chain': GrpcCode.Unavailable,
  'chain/rpc-disagreement': GrpcCode.Unavailable,
  'chain/height-not-final': GrpcCode.FailedPrecondition,
  'chain/height-not-found': GrpcCode.Unavailable,
  'chain/block-not-canonical': GrpcCode.Unavailable,
  // Not NotFound, which says that the chain holds nothing there: this node no longer knows. A newer height is provable.
  'chain/state-pruned': GrpcCode.OutOfRange,
  // Absence is never attested for what is no router: whatever it answered, the chain's state is unknown.
  'chain/not-a-router': GrpcCode.Unavailable,
  'chain/client-not-found': GrpcCode.Internal,
  'chain/not-an-attestation-client': GrpcCode.Internal,
  'chain/tx-not-found': GrpcCode.Internal,
  'chain/tx-failed': GrpcCode.Internal,
  'chain/tx-too-large': GrpcCode.Internal,
  'chain/tx-dropped': GrpcCode.Internal,
  'chain/simulation-failed': GrpcCode.Internal,
  'chain/insufficient-funds': GrpcCode.Internal,
  'chain/invalid-input': GrpcCode.Internal,
  'keystore/invalid': GrpcCode.Internal,
  'keystore/wrong-password': GrpcCode.Internal,
  'keystore/unsupported': GrpcCode.Internal,
};

const GUARD_STATUS: Readonly<Record<GuardErrorCode, GrpcCode>> = {
  'guard/missing': GrpcCode.Unavailable,
  'guard/exists': GrpcCode.Unavailable,
  'guard/locked': GrpcCode.Unavailable,
  'guard/damaged': GrpcCode.Unavailable,
  'guard/not-a-guard': GrpcCode.Unavailable,
  'guard/unsupported-version': GrpcCode.Unavailable,
  'guard/copied': GrpcCode.Unavailable,
  'guard/moved': GrpcCode.Unavailable,
  'guard/wrong-key': GrpcCode.Unavailable,
  'guard/wrong-source': GrpcCode.Unavailable,
  'guard/storage-failed': GrpcCode.Unavailable,
  'guard/closed': GrpcCode.Unavailable,
  'guard/invalid-input': GrpcCode.Internal,
  'guard/import-conflict': GrpcCode.Internal,
};

/** The one table from errors to gRPC status codes. Source: wire format, section 5. */
export const toStatus: ToStatus = statusTable({ ...ATTESTOR_STATUS, ...CHAIN_STATUS, ...GUARD_STATUS });

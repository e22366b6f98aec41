import { AttestationError } from '@interchain-attestation/core';

/** Codes of the errors thrown by this package: broken input or a misuse of the API, never a verdict on a proof. */
export type LightClientErrorCode =
  | 'light-client/not-initialized'
  | 'light-client/already-initialized'
  | 'light-client/state-malformed'
  | 'light-client/out-of-range'
  | 'light-client/policy-order'
  | 'light-client/protobuf-malformed';

/** The input or the store is broken; what a client thinks of a proof is a {@link Verdict} instead. */
export class LightClientError extends AttestationError<LightClientErrorCode> {}

import { isAttestationError } from '@interchain-attestation/core';
import { ProofApiError, type ProofApiErrorCode } from '../errors.ts';

/** What errors of chain adapters mean to a caller; any other of them is an outage. */
const CODES: Readonly<Record<string, ProofApiErrorCode>> = {
  'chain/tx-not-found': 'proof-api/tx-not-found',
  'chain/tx-failed': 'proof-api/tx-failed',
  'chain/client-not-found': 'proof-api/client-not-found',
  'chain/not-an-attestation-client': 'proof-api/client-unsupported',
  'chain/height-not-final': 'proof-api/not-final',
  'chain/height-not-found': 'proof-api/not-final',
  'chain/invalid-input': 'proof-api/invalid-request',
};

/** Turns an error of a chain adapter into one of this package; leaves all others as they are. */
export const fromChainError = (error: unknown): unknown => {
  if (!isAttestationError(error) || !error.code.startsWith('chain/')) return error;
  return new ProofApiError(CODES[error.code] ?? 'proof-api/chain-unavailable', error.message, {
    cause: error,
    meta: { ...error.meta, chainError: error.code },
    retryable: error.retryable,
  });
};

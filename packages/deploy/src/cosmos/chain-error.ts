import { ChainError, type ChainErrorCode } from '@interchain-attestation/chains';
import { DeployError, type DeployErrorCode } from '../errors.ts';

const CODES: Readonly<Partial<Record<ChainErrorCode, DeployErrorCode>>> = {
  'chain/insufficient-funds': 'deploy/insufficient-funds',
  'chain/simulation-failed': 'deploy/transaction-failed',
  'chain/tx-too-large': 'deploy/transaction-failed',
  'chain/tx-dropped': 'deploy/not-mined',
  'chain/wrong-chain': 'deploy/conflict',
  'chain/not-an-attestation-client': 'deploy/conflict',
  'chain/invalid-input': 'deploy/invalid-input',
};

/** The errors of an adapter as those of a deployment. */
export const fromChain = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof ChainError)) throw cause;
    const code = CODES[cause.code] ?? 'deploy/unavailable';
    const { retryable } = cause;
    throw new DeployError(code, `${name}: ${cause.message}`, { cause, retryable, meta: { chain: name } });
  }
};

/** The work's answer; undefined where the chain says that there is no such client, or no counterparty of it. */
export const ifFound = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ChainError && error.code === 'chain/client-not-found') return undefined;
    throw error;
  }
};

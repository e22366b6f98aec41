import { hexToBytes } from '@interchain-attestation/core';
import { createPublicClient, http } from 'viem';
import { isRecord } from '../config/parse.ts';
import type { AttestConfig } from '../config/types.ts';
import { CliError } from '../output/errors.ts';
import { chainEntry } from './chains.ts';
import { parseTxHash } from './tx-hash.ts';

const TIMEOUT_MS = 10_000;

const notFound = (chain: string, hash: string, cause?: unknown): CliError =>
  new CliError('cli/not-found', `${chain} knows no transaction ${hash}`, { cause });
const unavailable = (chain: string, cause?: unknown): CliError =>
  new CliError('cli/unavailable', `${chain} does not answer`, { cause, retryable: true });

const readEvm = async (rpcUrl: string, chain: string, hash: `0x${string}`): Promise<Uint8Array> => {
  const client = createPublicClient({ transport: http(rpcUrl, { timeout: TIMEOUT_MS }) });
  const transaction = await client.getTransaction({ hash }).catch((cause: Error) => {
    throw cause.name === 'TransactionNotFoundError' ? notFound(chain, hash, cause) : unavailable(chain, cause);
  });
  return hexToBytes(transaction.input);
};

/** CometBFT's `tx`: an answer with an error is a node that answers, and does not have it. */
const readCosmos = async (rpcUrl: string, chain: string, hash: `0x${string}`): Promise<Uint8Array> => {
  const params = { hash: Buffer.from(hash.slice(2), 'hex').toString('base64'), prove: false };
  let answer: unknown;
  try {
    const response = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tx', params }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    answer = await response.json();
  } catch (cause) {
    throw unavailable(chain, cause);
  }
  const result = isRecord(answer) ? answer.result : undefined;
  if (isRecord(result) && typeof result.tx === 'string') return new Uint8Array(Buffer.from(result.tx, 'base64'));
  if (isRecord(answer) && isRecord(answer.error)) throw notFound(chain, hash);
  throw unavailable(chain);
};

/**
 * What a transaction says: its calldata (EVM), or all of it (Cosmos).
 * @throws CliError `cli/not-found`, `cli/unavailable`
 */
export const transactionBytes = (
  { kind, rpcUrl }: { readonly kind: 'evm' | 'cosmos'; readonly rpcUrl: string },
  chain: string,
  hash: `0x${string}`,
): Promise<Uint8Array> => (kind === 'evm' ? readEvm(rpcUrl, chain, hash) : readCosmos(rpcUrl, chain, hash));

/**
 * The same for a chain of the configuration.
 * @throws CliError `cli/usage`, `cli/not-found`, `cli/unavailable`
 */
export const readTransaction = (config: AttestConfig, chain: string, text: string): Promise<Uint8Array> => {
  const hash = parseTxHash(text);
  return transactionBytes(chainEntry(config, chain), chain, hash);
};

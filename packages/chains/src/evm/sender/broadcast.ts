import { ChainError } from '../../errors.ts';
import type { Batcher } from '../../rpc/batcher.ts';
import { RpcResponseError } from '../../rpc/response-error.ts';
import type { SignedTransaction } from './sign.ts';

/** What became of a broadcast. `unknown`: the node may have it or not, its answer was lost. */
export type BroadcastOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'unknown' }
  /** The nonce is taken by a transaction in a block, or by one in the pool that pays more. */
  | { readonly kind: 'nonce-taken' }
  | { readonly kind: 'underpriced' }
  | { readonly kind: 'refused'; readonly error: ChainError };

type Pattern = readonly [RegExp, (error: RpcResponseError) => BroadcastOutcome];

const refusal =
  (code: ChainError['code'], retryable: boolean, reason?: string) =>
  (error: RpcResponseError): BroadcastOutcome => ({
    kind: 'refused',
    error: new ChainError(code, `the node refused the transaction: ${error.message}`, {
      meta: { rpcCode: error.rpcCode, ...(reason === undefined ? {} : { reason }) },
      retryable,
      cause: error,
    }),
  });

/** Texts of geth, reth, erigon, nethermind, besu and anvil, most specific first. */
const PATTERNS: readonly Pattern[] = [
  [/already known|already imported|known transaction|already in mempool|alreadyknown/i, () => ({ kind: 'accepted' })],
  [/insufficient funds|insufficient balance|InsufficientFunds/i, refusal('chain/insufficient-funds', true)],
  [/oversized|transaction size|exceeds max.*size|data too large/i, refusal('chain/tx-too-large', false)],
  [/replacement transaction underpriced|gas price.*bump|ReplacementNotAllowed/i, () => ({ kind: 'nonce-taken' })],
  [/nonce too low|nonce is too low|old nonce|OldNonce/i, () => ({ kind: 'nonce-taken' })],
  [
    /underpriced|less than block base fee|fee cap|fee too low|FeeTooLow|gas price too low/i,
    () => ({ kind: 'underpriced' }),
  ],
  [/exceeds block gas limit|gas limit|intrinsic gas/i, refusal('chain/simulation-failed', false, 'out-of-gas')],
];

const meaningOf = (error: RpcResponseError): BroadcastOutcome => {
  for (const [pattern, outcome] of PATTERNS) if (pattern.test(error.message)) return outcome(error);
  return refusal('chain/unavailable', true)(error);
};

/** Sends a signed transaction. Never throws for an answer of the node. */
export const broadcast = async (rpc: Batcher, signed: SignedTransaction): Promise<BroadcastOutcome> => {
  let repeated = false;
  try {
    await rpc.call('eth_sendRawTransaction', `["${signed.raw}"]`, () => {
      repeated = true;
    });
    return { kind: 'accepted' };
  } catch (error) {
    if (error instanceof RpcResponseError) {
      const outcome = meaningOf(error);
      // What the second post is refused for ("nonce too low") may be the first one, which was taken.
      return repeated && outcome.kind !== 'accepted' ? { kind: 'unknown' } : outcome;
    }
    if (error instanceof ChainError && error.code === 'chain/unavailable' && error.meta.kind !== 'closed') {
      return { kind: 'unknown' };
    }
    if (error instanceof ChainError) return { kind: 'refused', error };
    throw error;
  }
};

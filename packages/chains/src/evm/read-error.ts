import { ChainError } from '../errors.ts';
import { RpcResponseError } from '../rpc/response-error.ts';

/** What a node means when it refuses to read state at a block hash. Texts of geth, reth, erigon, nethermind, anvil. */
export type StateReadFault = 'unknown-block' | 'pruned' | 'other';

const UNKNOWN_BLOCK =
  /header (for hash )?not found|not currently canonical|resource not found|unknown block|block not found|hash .* not canonical|blockoutofrange|is out of range/i;
const PRUNED =
  /missing trie node|state.*(not available|unavailable|pruned)|pruned|historical state|distance to target block exceeds|too old/i;

export const classifyStateReadError = (error: unknown): StateReadFault => {
  if (!(error instanceof RpcResponseError)) return 'other';
  if (PRUNED.test(error.message)) return 'pruned';
  return error.rpcCode === -32001 || UNKNOWN_BLOCK.test(error.message) ? 'unknown-block' : 'other';
};

/** Texts with which nodes say that they know no `finalized` or `safe` block yet. */
const NO_TAGGED_BLOCK = /(finalized|safe) block not found|unknown block|resource not found/i;

export const isNoTaggedBlock = (error: unknown): boolean =>
  error instanceof RpcResponseError && (error.rpcCode === -39001 || NO_TAGGED_BLOCK.test(error.message));

/** The chain has no final block under its rule yet. */
export const notFinal = (chain: string, rule: string): ChainError =>
  new ChainError('chain/height-not-final', `${chain} has no ${rule} block yet`, {
    meta: { chain, rule },
    retryable: true,
  });

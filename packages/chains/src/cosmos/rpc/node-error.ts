import { ChainError } from '../../errors.ts';
import { RpcResponseError, safeNodeText } from '../../rpc/response-error.ts';

/** CometBFT puts its reason into `data`, and "Internal error" into the message. */
export const nodeText = (error: RpcResponseError): string =>
  typeof error.data === 'string' && error.data !== '' ? safeNodeText(error.data) : error.message;

/** An answer that is not what the method returns. */
export const malformed = (origin: string, what: string, cause?: unknown): ChainError =>
  new ChainError('chain/unavailable', `RPC at ${origin}: ${what}`, {
    meta: { origin, kind: 'malformed' },
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });

/** Anything that a call may fail with and whose meaning the caller does not know: an outage, as far as it can tell. */
export const toOutage = (error: unknown, origin: string): unknown => {
  if (error instanceof ChainError) return error;
  if (error instanceof RpcResponseError) {
    const text = nodeText(error);
    return new ChainError('chain/unavailable', `RPC at ${origin} refused ${error.method}: ${text}`, {
      meta: { origin, kind: 'rpc-error', method: error.method, rpcCode: error.rpcCode },
      retryable: !/indexing is disabled|method not found|not persisting/i.test(`${text} ${error.message}`),
      cause: error,
    });
  }
  // CosmJS found something missing or of another type in the answer.
  return malformed(origin, `answer does not decode: ${(error as Error).message}`, error);
};

const BEYOND_HEAD =
  /must be less than or equal to the current blockchain height|cannot query with height in the future/i;
const BELOW_BASE = /is not available, lowest height is/i;
const NO_RANGE = /min height (\d+) can't be greater than max height (\d+)/i;

/** Why a node has no block of this height; undefined when it says something else. */
export const missingBlock = (error: unknown, height: bigint): 'above' | 'pruned' | undefined => {
  if (!(error instanceof RpcResponseError)) return undefined;
  const text = nodeText(error);
  if (BEYOND_HEAD.test(text)) return 'above';
  if (BELOW_BASE.test(text)) return 'pruned';
  const range = NO_RANGE.exec(text);
  if (range === null) return undefined;
  // The node narrows what was asked to what it holds, and names the two ends that then crossed.
  return BigInt(range[2] as string) < height ? 'above' : 'pruned';
};

import { ChainError } from '../errors.ts';

/** A JSON-RPC error object. Stays inside the adapter: whoever made the call knows what it means. */
export class RpcResponseError extends Error {
  readonly rpcCode: number;
  readonly data: unknown;
  readonly method: string;

  constructor(method: string, rpcCode: number, message: string, data: unknown) {
    super(message);
    this.name = 'RpcResponseError';
    this.method = method;
    this.rpcCode = rpcCode;
    this.data = data;
  }
}

const URL_PATTERN = /\b(?:https?|wss?):\/\/[^\s"'<>]+/gi;

/** Text from a node, cut to a sane length, with every URL reduced to its origin: providers echo API keys. */
export const safeNodeText = (text: string): string =>
  text.slice(0, 500).replace(URL_PATTERN, (url) => {
    try {
      return new URL(url).origin;
    } catch {
      return '[url]';
    }
  });

/** Reads a JSON-RPC error object; never throws. */
export const toResponseError = (method: string, error: unknown): RpcResponseError => {
  const { code, message, data } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  return new RpcResponseError(
    method,
    typeof code === 'number' ? code : 0,
    safeNodeText(typeof message === 'string' ? message : 'error without a message'),
    data,
  );
};

/** Any error of a call whose meaning the caller does not know: an outage, as far as it can tell. */
export const toChainError = (error: unknown, origin: string): unknown => {
  if (!(error instanceof RpcResponseError)) return error;
  return new ChainError('chain/unavailable', `RPC at ${origin} refused ${error.method}: ${error.message}`, {
    meta: { origin, kind: 'rpc-error', method: error.method, rpcCode: error.rpcCode },
    // -32601 method not found, -32602 invalid parameters: asking again changes nothing.
    retryable: error.rpcCode !== -32601 && error.rpcCode !== -32602,
    cause: error,
  });
};

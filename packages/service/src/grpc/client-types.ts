import type { DescMethodUnary, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';

export interface RpcCallOptions {
  /** Aborting it cancels the call: the client throws `rpc/cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait; sent to the server as the call's deadline. Default: the client's. */
  readonly timeoutMs?: number | undefined;
}

/** One function for each unary method of a service. All throw {@link RpcError} and nothing else. */
export type RpcClient<S extends DescService> = {
  readonly [M in keyof S['method']]: S['method'][M] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: RpcCallOptions) => Promise<MessageShape<O>>
    : never;
} & {
  /** Ends the connection; calls in flight fail with `rpc/cancelled`. */
  close(): void;
};

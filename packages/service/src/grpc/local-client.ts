import type { DescService, Message } from '@bufbuild/protobuf';
import type { RpcCallOptions, RpcClient } from './client-types.ts';
import { GrpcCode } from './code.ts';
import { EncodedMessage } from './encoded-message.ts';
import { type AnyMethod, implement, type ServiceImpl } from './implement.ts';
import { type MethodCodec, methodCodecs } from './method-codec.ts';
import { RpcError } from './rpc-error.ts';
import { errorToStatus, type ToStatus } from './status.ts';

export interface LocalClientOptions {
  /** As the server of the service would have it. */
  readonly toStatus?: ToStatus | undefined;
  /** Default time-out of a call, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

const waitFor = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
};

const createCall =
  (
    codec: MethodCodec,
    method: AnyMethod | undefined,
    { toStatus, timeoutMs: defaultMs = 30_000 }: LocalClientOptions,
  ) =>
  async (request: object, { signal, timeoutMs = defaultMs }: RpcCallOptions = {}): Promise<Message> => {
    const meta = { path: codec.path, address: 'local' };
    const ended = new AbortController();
    const end = (grpcCode: GrpcCode, message: string): void =>
      ended.abort(new RpcError(grpcCode, message, { cause: signal?.reason, meta }));
    const onAbort = (): void => end(GrpcCode.Cancelled, 'the call was cancelled');
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => end(GrpcCode.DeadlineExceeded, 'the deadline of the caller has passed'), timeoutMs);
    const context = { signal: ended.signal, deadlineMs: Date.now() + timeoutMs, peer: 'local' };
    try {
      ended.signal.throwIfAborted();
      if (method === undefined) throw new RpcError(GrpcCode.Unimplemented, `${codec.path} is not served here`);
      // Through bytes and back, so that neither side can change what the other holds, as over a wire.
      const copy = codec.decodeRequest(codec.encodeRequest(request));
      const response = (await waitFor(method(copy as never, context), ended.signal)) as object;
      // A copy also of bytes that are kept: what is decoded may be a view of them.
      const bytes =
        response instanceof EncodedMessage ? Uint8Array.from(response.bytes) : codec.encodeResponse(response);
      return codec.decodeResponse(bytes);
    } catch (error) {
      if (ended.signal.aborted) throw ended.signal.reason;
      const status = errorToStatus(error, toStatus);
      throw new RpcError(status.code, status.message, { cause: error, meta, reason: status.reason });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  };

/** The client of a service that lives in this process: same types, same errors, no socket. */
export const createLocalClient = <S extends DescService>(
  desc: S,
  impl: ServiceImpl<S>,
  options: LocalClientOptions = {},
): RpcClient<S> => {
  const { methods } = implement(desc, impl);
  const calls = methodCodecs(desc).map((codec) => [
    codec.localName,
    createCall(codec, methods[codec.localName], options),
  ]);
  return { ...Object.fromEntries(calls), close: () => {} } as RpcClient<S>;
};

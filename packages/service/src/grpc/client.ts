import type { DescService } from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { RpcCallOptions, RpcClient } from './client-types.ts';
import { GrpcCode } from './code.ts';
import { type MethodCodec, methodCodecs } from './method-codec.ts';
import { RpcError } from './rpc-error.ts';
import { ERROR_CODE_TRAILER } from './status.ts';

export interface GrpcClientOptions {
  /** `host:port`, or `http://host:port`, or `https://host:port` for TLS with the system's certificate authorities. */
  readonly address: string;
  /** Default time-out of a call, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Largest response, in bytes. Default 16 MiB. */
  readonly maxResponseBytes?: number | undefined;
}

const toTarget = (address: string): { target: string; tls: boolean } => {
  const match = /^(https?):\/\/([^/?#@]+)\/?$/.exec(address);
  if (match !== null) {
    const [, scheme, host = ''] = match;
    const tls = scheme === 'https';
    return { target: /:\d+$/.test(host) ? host : `${host}:${tls ? 443 : 80}`, tls };
  }
  if (!/^[^/@\s]+:\d+$/.test(address)) {
    throw new RpcError(
      GrpcCode.InvalidArgument,
      'address of a gRPC server is neither host:port nor http(s)://host:port',
    );
  }
  return { target: address, tls: false };
};

const toRpcError = (error: ServiceError, path: string, target: string): RpcError => {
  const reason = error.metadata?.get(ERROR_CODE_TRAILER)[0];
  return new RpcError(error.code, error.details === '' ? error.message : error.details, {
    cause: error.code === GrpcCode.Unavailable ? error : undefined,
    meta: { path, address: target },
    reason: typeof reason === 'string' ? reason : undefined,
  });
};

const asIs = (data: Buffer): Buffer => data;

const createCall =
  (client: Client, codec: MethodCodec, target: string, defaultTimeoutMs: number) =>
  (request: object, { signal, timeoutMs = defaultTimeoutMs }: RpcCallOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const cancelled = (): RpcError =>
        new RpcError(GrpcCode.Cancelled, 'the call was cancelled', {
          cause: signal?.reason,
          meta: { path: codec.path, address: target },
        });
      if (signal?.aborted) return reject(cancelled());
      const call = client.makeUnaryRequest<Uint8Array, Buffer>(
        codec.path,
        (data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength),
        asIs,
        codec.encodeRequest(request),
        new Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error, response) => {
          signal?.removeEventListener('abort', abort);
          if (error !== null) return reject(signal?.aborted ? cancelled() : toRpcError(error, codec.path, target));
          try {
            resolve(codec.decodeResponse(response ?? Buffer.alloc(0)));
          } catch (decodeError) {
            reject(decodeError);
          }
        },
      );
      const abort = (): void => call.cancel();
      signal?.addEventListener('abort', abort, { once: true });
    });

/**
 * A client of one server. Connects when first used and again whenever the connection breaks, with keepalive, so that
 * a server may be down at start, restart, or move behind its name.
 */
export const createGrpcClient = <S extends DescService>(desc: S, options: GrpcClientOptions): RpcClient<S> => {
  const { target, tls } = toTarget(options.address);
  const client = new Client(target, tls ? credentials.createSsl() : credentials.createInsecure(), {
    'grpc.max_receive_message_length': options.maxResponseBytes ?? 16 * 1024 * 1024,
    'grpc.max_send_message_length': -1,
    // A service that restarts is back within seconds; gRPC's own default waits up to two minutes before it looks.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.min_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.enable_channelz': 0,
    'grpc.enable_http_proxy': 0,
  });
  const calls = methodCodecs(desc).map((codec) => [
    codec.localName,
    createCall(client, codec, target, options.timeoutMs ?? 30_000),
  ]);
  return { ...Object.fromEntries(calls), close: () => client.close() } as RpcClient<S>;
};

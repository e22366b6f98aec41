import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from '../log/logger.ts';
import { CallScope } from './call-scope.ts';
import { GrpcCode } from './code.ts';
import type { AnyMethod, ImplementedService } from './implement.ts';
import { type MethodCodec, methodCodecs } from './method-codec.ts';
import { addReflection } from './reflection.ts';
import { RpcError } from './rpc-error.ts';
import { ERROR_CODE_TRAILER, errorToStatus, type ToStatus } from './status.ts';

export interface GrpcServerOptions {
  /** `host:port`; port 0 picks a free one. */
  readonly address: string;
  readonly services: readonly ImplementedService[];
  readonly logger?: Logger | undefined;
  /** Status of the service's own errors; see {@link statusTable}. */
  readonly toStatus?: ToStatus | undefined;
  /** Largest request, in bytes; larger ones get ResourceExhausted. Default 4 MiB. */
  readonly maxRequestBytes?: number | undefined;
  /** Observes every call once it ended, for metrics. */
  readonly onCall?: ((call: FinishedCall) => void) | undefined;
}

export interface FinishedCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly grpcCode: number;
  readonly durationMs: number;
}

export type ServingStatus = 'SERVING' | 'NOT_SERVING';

export interface GrpcServer {
  readonly port: number;
  /** Sets what grpc.health.v1 answers; for all services when none is named. Starts as SERVING. */
  setServingStatus(status: ServingStatus, service?: string): void;
  /** Takes no new calls, lets running ones end within `graceMs` (default 5,000), then cuts them. */
  close(graceMs?: number): Promise<void>;
}

type Handler = (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>) => void;

const asIs = (data: Buffer): Buffer => data;
const asBuffer = (data: Uint8Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

const createHandler = (codec: MethodCodec, method: AnyMethod | undefined, options: GrpcServerOptions): Handler => {
  const { logger, toStatus, onCall } = options;
  const run = async (call: ServerUnaryCall<Buffer, Uint8Array>, scope: CallScope): Promise<Uint8Array> => {
    if (method === undefined) throw new RpcError(GrpcCode.Unimplemented, `${codec.path} is not served here`);
    // Requests reach here undecoded: grpc-js would report malformed ones as Internal, and they are the caller's fault.
    const request = codec.decodeRequest(call.request);
    return codec.encodeResponse((await method(request as never, scope)) as object);
  };
  return (call, callback) => {
    const startedMs = performance.now();
    const finish = (grpcCode: number): void =>
      onCall?.({ path: codec.path, grpcCode, durationMs: performance.now() - startedMs });
    const scope = new CallScope(call);
    run(call, scope).then(
      (response) => {
        callback(null, response);
        finish(GrpcCode.Ok);
      },
      (error: unknown) => {
        const status = errorToStatus(scope.explain(error), toStatus);
        if (!status.expected) logger?.error({ path: codec.path, err: error }, 'call failed unexpectedly');
        const metadata = new Metadata();
        if (status.reason !== undefined) metadata.set(ERROR_CODE_TRAILER, status.reason);
        callback({ code: status.code, details: status.message, metadata });
        finish(status.code);
      },
    );
  };
};

const addServices = (server: Server, options: GrpcServerOptions): void => {
  for (const { desc, methods } of options.services) {
    const codecs = methodCodecs(desc);
    const definition = Object.fromEntries(
      codecs.map((codec) => [
        codec.localName,
        {
          path: codec.path,
          requestStream: false,
          responseStream: false,
          requestSerialize: asBuffer,
          requestDeserialize: asIs,
          responseSerialize: asBuffer,
          responseDeserialize: asIs,
        },
      ]),
    );
    const handlers = codecs.map((codec) => [codec.localName, createHandler(codec, methods[codec.localName], options)]);
    server.addService(definition, Object.fromEntries(handlers));
  }
};

const bind = (server: Server, address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) return resolve(port);
      reject(
        new RpcError(GrpcCode.Unavailable, `cannot listen on ${address}: is the port taken?`, {
          cause: error,
          meta: { address },
          retryable: false,
        }),
      );
    });
  });

const shutDown = (server: Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });

/**
 * Starts a gRPC server with reflection and the health service.
 * @throws RpcError `rpc/unavailable` when the address cannot be bound: nothing is left running then (peers.md #14)
 */
export const startGrpcServer = async (options: GrpcServerOptions): Promise<GrpcServer> => {
  const server = new Server({
    'grpc.max_receive_message_length': options.maxRequestBytes ?? 4 * 1024 * 1024,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.so_reuseport': 0,
    'grpc.enable_channelz': 0,
  });
  const names = ['', ...options.services.map(({ desc }) => desc.typeName)];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, 'SERVING' as const])));
  addServices(server, options);
  addReflection(
    server,
    options.services.map(({ desc }) => desc),
  );
  health.addToServer(server);
  let port: number;
  try {
    port = await bind(server, options.address);
  } catch (error) {
    server.forceShutdown();
    throw error;
  }
  const setServingStatus = (status: ServingStatus, service?: string): void => {
    for (const name of service === undefined ? names : [service]) health.setStatus(name, status);
  };
  let closing: Promise<void> | undefined;
  return {
    port,
    setServingStatus,
    close: (graceMs = 5_000) => {
      if (closing === undefined) {
        setServingStatus('NOT_SERVING');
        closing = shutDown(server, graceMs);
      }
      return closing;
    },
  };
};

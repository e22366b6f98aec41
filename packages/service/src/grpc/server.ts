import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { HealthImplementation } from 'grpc-health-check';
import { listen } from '../net/listen.ts';
import { borrowServices } from './borrowed-service.ts';
import { GrpcCode } from './code.ts';
import type { ImplementedService } from './implement.ts';
import { reflectionRoutes } from './reflection.ts';
import type { Route } from './route.ts';
import { RpcError } from './rpc-error.ts';
import { ServerCall } from './server-call.ts';
import { type UnaryOptions, unaryRoutes } from './unary-route.ts';

export interface GrpcServerOptions extends UnaryOptions {
  /** `host:port`; port 0 picks a free one. */
  readonly address: string;
  readonly services: readonly ImplementedService[];
  /** Largest request, in bytes; larger ones get ResourceExhausted. Default 4 MiB. */
  readonly maxRequestBytes?: number | undefined;
  /** Most bytes of unfinished requests held for all callers together. Default: four requests, or 64 MiB if more. */
  readonly maxBufferedBytes?: number | undefined;
  /** How long a request may take to arrive, milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Serve TLS with this certificate chain and key, both PEM. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string } | undefined;
}

export type ServingStatus = 'SERVING' | 'NOT_SERVING';

export interface GrpcServer {
  readonly port: number;
  /** Sets what grpc.health.v1 answers; for all services when none is named. Starts as SERVING. */
  setServingStatus(status: ServingStatus, service?: string): void;
  /** Takes no new calls, lets running ones end within `graceMs` (default 5,000), then cuts them. */
  close(graceMs?: number): Promise<void>;
}

const MIB = 1024 * 1024;
const KEEPALIVE_MS = 30_000;
const SETTINGS = {
  maxConcurrentStreams: 1_000,
  maxHeaderListSize: 16 * 1024,
  initialWindowSize: 256 * 1024,
  enablePush: false,
};

/** Ends connections whose other end is gone: no answer to a ping within one period. */
const keepAlive = (session: ServerHttp2Session): void => {
  let answered = true;
  const timer = setInterval(() => {
    if (!answered) return void session.destroy();
    answered = false;
    session.ping((error) => {
      answered = error === null;
    });
  }, KEEPALIVE_MS);
  timer.unref();
  session.once('close', () => clearInterval(timer));
};

const refuse = (stream: ServerHttp2Stream, httpStatus: number): void => {
  stream.on('error', () => {});
  stream.respond({ ':status': httpStatus }, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
};

/** Cuts off requests that do not arrive, so that nobody can hold room in the server for nothing. */
const createArrivals = (timeoutMs: number) => {
  const arriving = new Set<ServerCall>();
  const timer = setInterval(
    () => {
      const limit = performance.now() - timeoutMs;
      for (const call of arriving) {
        if (call.startedMs > limit) return;
        arriving.delete(call);
        call.fail(new RpcError(GrpcCode.DeadlineExceeded, `the request did not arrive within ${timeoutMs} ms`));
      }
    },
    Math.max(10, timeoutMs / 4),
  );
  timer.unref();
  return { arriving, close: () => clearInterval(timer) };
};

const createDispatcher = (
  routes: ReadonlyMap<string, Route>,
  arriving: Set<ServerCall>,
  options: GrpcServerOptions,
): ((stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void) => {
  const maxRequestBytes = options.maxRequestBytes ?? 4 * MIB;
  const maxBufferedBytes = options.maxBufferedBytes ?? Math.max(4 * maxRequestBytes, 64 * MIB);
  let bufferedBytes = 0;
  const hold = (bytes: number): void => {
    bufferedBytes += bytes;
    if (bytes > 0 && bufferedBytes > maxBufferedBytes) {
      throw new RpcError(GrpcCode.ResourceExhausted, 'too many unfinished requests at once');
    }
  };
  return (stream, headers) => {
    if (headers[':method'] !== 'POST') return refuse(stream, 405);
    if (!headers['content-type']?.startsWith('application/grpc')) return refuse(stream, 415);
    const call = new ServerCall(stream, headers);
    const path = headers[':path'] ?? '';
    const route = routes.get(path);
    if (route === undefined) {
      return call.fail(new RpcError(GrpcCode.Unimplemented, `${path.slice(0, 200)} is not served here`));
    }
    const { onMessage, onEnd } = route.open(call);
    if (route.unary) arriving.add(call);
    call.receive(maxRequestBytes, hold, onMessage, onEnd, () => arriving.delete(call));
  };
};

const closeServer = (server: Http2Server | Http2SecureServer, sockets: Set<Socket>, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });

/**
 * Starts a gRPC server with reflection and the health service, for unary methods, on Node's own HTTP/2: a call
 * costs less CPU than with grpc-js's server, whose clients it serves like any other.
 * @throws RpcError `rpc/unavailable` when the address cannot be bound: nothing is left running then (peers.md #14)
 */
export const startGrpcServer = async (options: GrpcServerOptions): Promise<GrpcServer> => {
  const names = ['', ...options.services.map(({ desc }) => desc.typeName)];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, 'SERVING' as const])));
  const routes = new Map<string, Route>([
    ...borrowServices((server) => health.addToServer(server as never)),
    ...reflectionRoutes(options.services.map(({ desc }) => desc)),
    ...options.services.flatMap((service) => [...unaryRoutes(service, options)]),
  ]);
  const { tls } = options;
  const server =
    tls === undefined
      ? createServer({ settings: SETTINGS })
      : createSecureServer({ settings: SETTINGS, cert: tls.certificate, key: tls.privateKey });
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setLocalWindowSize(4 * MIB);
    keepAlive(session);
  });
  // A peer that does not speak HTTP/2 costs its own connection and nothing else.
  server.on('sessionError', () => {});
  const arrivals = createArrivals(options.requestTimeoutMs ?? 30_000);
  server.on('stream', createDispatcher(routes, arrivals.arriving, options));
  let port: number;
  try {
    port = await listen(server, options.address);
  } catch (error) {
    arrivals.close();
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
        arrivals.close();
        closing = closeServer(server, sockets, graceMs);
        for (const session of sessions) session.close();
      }
      return closing;
    },
  };
};

export { createGrpcClient, type GrpcClientOptions } from './grpc/client.ts';
export type { RpcCallOptions, RpcClient } from './grpc/client-types.ts';
export { GrpcCode, type GrpcCodeName, grpcCodeName } from './grpc/code.ts';
export { EncodedMessage } from './grpc/encoded-message.ts';
export { type CallContext, type ImplementedService, implement, type ServiceImpl } from './grpc/implement.ts';
export { createLocalClient, type LocalClientOptions } from './grpc/local-client.ts';
export { RpcError, type RpcErrorCode } from './grpc/rpc-error.ts';
export {
  type GrpcServer,
  type GrpcServerOptions,
  type ServingStatus,
  startGrpcServer,
} from './grpc/server.ts';
export { errorToStatus, type GrpcStatus, statusTable, type ToStatus } from './grpc/status.ts';
export type { FinishedCall } from './grpc/unary-route.ts';
export {
  type HttpRoute,
  type HttpServer,
  type HttpServerOptions,
  type Readiness,
  startHttpServer,
} from './http/server.ts';
export {
  createLogger,
  type LogFn,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  silentLogger,
} from './log/logger.ts';
export { REDACTED, redactText, redactUrl } from './log/redact.ts';
export { type LoggedError, sanitize, serializeError } from './log/sanitize.ts';
export { Counter, createRegistry, Gauge, Histogram, Registry, type RegistryOptions } from './metrics.ts';
export { installShutdown, type Shutdown, type ShutdownHandler, type ShutdownOptions } from './shutdown.ts';

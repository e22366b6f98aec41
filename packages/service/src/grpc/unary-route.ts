import type { Logger } from '../log/logger.ts';
import { GrpcCode } from './code.ts';
import { EncodedMessage } from './encoded-message.ts';
import { encodeFrame } from './frame.ts';
import type { AnyMethod, ImplementedService } from './implement.ts';
import { type MethodCodec, methodCodecs } from './method-codec.ts';
import type { Route } from './route.ts';
import { RpcError } from './rpc-error.ts';
import type { ServerCall } from './server-call.ts';
import { errorToStatus, type ToStatus } from './status.ts';

export interface UnaryOptions {
  readonly logger?: Logger | undefined;
  readonly toStatus?: ToStatus | undefined;
  readonly onCall?: ((call: FinishedCall) => void) | undefined;
}

/** A call that has ended, for metrics. */
export interface FinishedCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly grpcCode: number;
  readonly durationMs: number;
}

const run = async (
  codec: MethodCodec,
  method: AnyMethod | undefined,
  call: ServerCall,
  data: Buffer,
): Promise<void> => {
  if (method === undefined) throw new RpcError(GrpcCode.Unimplemented, `${codec.path} is not served here`);
  const request = codec.decodeRequest(data);
  const response = (await method(request as never, call)) as object;
  call.respond(response instanceof EncodedMessage ? response.frame : encodeFrame(codec.encodeResponse(response)));
};

const createRoute = (codec: MethodCodec, method: AnyMethod | undefined, options: UnaryOptions): Route => ({
  unary: true,
  open(call) {
    const { onCall } = options;
    if (onCall !== undefined) {
      call.onFinish = (grpcCode) =>
        onCall({ path: codec.path, grpcCode, durationMs: performance.now() - call.startedMs });
    }
    const fail = (error: unknown): void => {
      const status = errorToStatus(call.explain(error), options.toStatus);
      if (!status.expected) options.logger?.error({ path: codec.path, err: error }, 'call failed unexpectedly');
      call.end(status);
    };
    let data: Buffer | undefined;
    return {
      onMessage(message) {
        if (data !== undefined) throw new RpcError(GrpcCode.InvalidArgument, 'more than one message in a unary call');
        data = message;
      },
      onEnd() {
        if (data === undefined) fail(new RpcError(GrpcCode.InvalidArgument, 'request without a message'));
        else run(codec, method, call, data).catch(fail);
      },
    };
  },
});

/** Routes of the unary methods of a service. */
export const unaryRoutes = (service: ImplementedService, options: UnaryOptions): ReadonlyMap<string, Route> =>
  new Map(
    methodCodecs(service.desc).map((codec) => [
      codec.path,
      createRoute(codec, service.methods[codec.localName], options),
    ]),
  );

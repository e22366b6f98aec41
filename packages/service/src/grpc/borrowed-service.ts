import { EventEmitter } from 'node:events';
import { GrpcCode } from './code.ts';
import type { Route } from './route.ts';
import type { ServerCall } from './server-call.ts';
import { errorToStatus } from './status.ts';

/** What services written for grpc-js hand to `addService`, as far as it is needed here. */
interface BorrowedMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestDeserialize: (data: Buffer) => unknown;
  readonly responseSerialize: (message: never) => Buffer;
}
type BorrowedHandler = (call: unknown, callback?: (error: unknown, message?: unknown) => void) => void;

/** The side of a call that a handler written for grpc-js sees. */
class BorrowedCall extends EventEmitter {
  request: unknown;
  readonly #call: ServerCall;
  readonly #serialize: (message: unknown) => Buffer;

  constructor(call: ServerCall, serialize: (message: unknown) => Buffer) {
    super();
    this.#call = call;
    this.#serialize = serialize;
    this.on('error', (error: { code?: number; details?: string }) =>
      call.end({ code: error.code ?? GrpcCode.Internal, message: error.details ?? 'internal error' }),
    );
    call.signal.addEventListener('abort', () => this.emit('cancelled'), { once: true });
  }

  get cancelled(): boolean {
    return this.#call.signal.aborted;
  }

  write(message: unknown): boolean {
    this.#call.write(this.#serialize(message));
    return true;
  }

  end(): void {
    this.#call.end({ code: GrpcCode.Ok, message: '' });
  }
}

const createRoute = (method: BorrowedMethod, handler: BorrowedHandler): Route => ({
  unary: !method.requestStream,
  open(call) {
    const borrowed = new BorrowedCall(call, method.responseSerialize as (message: unknown) => Buffer);
    const start = (): void => {
      try {
        handler(borrowed, (error, message) => {
          if (error !== null && error !== undefined) return void borrowed.emit('error', error);
          borrowed.write(message);
          borrowed.end();
        });
      } catch (error) {
        call.end(errorToStatus(error));
      }
    };
    if (method.requestStream) start();
    return {
      onMessage(data) {
        try {
          const message = method.requestDeserialize(data);
          if (method.requestStream) borrowed.emit('data', message);
          else borrowed.request = message;
        } catch {
          call.end({ code: GrpcCode.InvalidArgument, message: 'malformed protobuf' });
        }
      },
      onEnd() {
        if (method.requestStream) borrowed.emit('end');
        else start();
      },
    };
  },
});

/**
 * Serves a ready-made service that was written for grpc-js (health, reflection) on our own server.
 * @param add calls `addService` of what it is given
 */
export const borrowServices = (
  add: (server: { addService(definition: object, handlers: object): void }) => void,
): ReadonlyMap<string, Route> => {
  const routes = new Map<string, Route>();
  add({
    addService(definition, handlers) {
      const byName = handlers as Readonly<Record<string, BorrowedHandler>>;
      for (const [name, method] of Object.entries(definition as Readonly<Record<string, BorrowedMethod>>)) {
        const handler = byName[name] ?? byName[`${name[0]?.toLowerCase()}${name.slice(1)}`];
        if (handler !== undefined) routes.set(method.path, createRoute(method, handler));
      }
    },
  });
  return routes;
};

import type { ServerUnaryCall } from '@grpc/grpc-js';
import { GrpcCode } from './code.ts';
import type { CallContext } from './implement.ts';
import { RpcError } from './rpc-error.ts';

/** The context of one call of a server. The signal is made when somebody asks for it: most calls never do. */
export class CallScope implements CallContext {
  readonly #call: ServerUnaryCall<Buffer, Uint8Array>;
  #controller: AbortController | undefined;

  constructor(call: ServerUnaryCall<Buffer, Uint8Array>) {
    this.#call = call;
  }

  get peer(): string {
    return this.#call.getPeer();
  }

  get deadlineMs(): number | undefined {
    const deadline = this.#call.getDeadline();
    const ms = deadline instanceof Date ? deadline.getTime() : deadline;
    return Number.isFinite(ms) ? ms : undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      const abort = (): void => controller.abort(this.#endOfCall());
      if (this.#call.cancelled) abort();
      else this.#call.once('cancelled', abort);
    }
    return this.#controller.signal;
  }

  /** What an error means once the call itself has ended: whatever was thrown, the caller's deadline or hang-up came first. */
  explain(error: unknown): unknown {
    return this.#call.cancelled ? this.#endOfCall(error) : error;
  }

  #endOfCall(cause?: unknown): RpcError {
    const { deadlineMs } = this;
    return deadlineMs !== undefined && Date.now() >= deadlineMs
      ? new RpcError(GrpcCode.DeadlineExceeded, 'the deadline of the caller has passed', { cause })
      : new RpcError(GrpcCode.Cancelled, 'the caller hung up', { cause });
  }
}

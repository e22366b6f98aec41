import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { GrpcCode } from './code.ts';
import { encodeFrame, FrameReader } from './frame.ts';
import type { CallContext } from './implement.ts';
import { RpcError } from './rpc-error.ts';
import type { GrpcStatus } from './status.ts';
import { OK_TRAILERS, parseTimeoutMs, RESPONSE_HEADERS, statusTrailers } from './wire.ts';

const noop = (): void => {};

/** One function for all streams. */
function sendOkTrailers(this: ServerHttp2Stream): void {
  this.sendTrailers(OK_TRAILERS);
}

/**
 * One call as a server holds it: the stream, the caller's deadline, and at most one status. The signal is made when
 * somebody asks for it: most calls never do.
 */
export class ServerCall implements CallContext {
  readonly startedMs: number = performance.now();
  readonly deadlineMs: number | undefined;
  readonly #stream: ServerHttp2Stream;
  #timer: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;
  #ended: RpcError | undefined;
  #finished = false;
  #onClosed: () => void = noop;
  /** Called once, with the status under which the call ended. */
  onFinish: ((grpcCode: number) => void) | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#stream = stream;
    const timeoutMs = parseTimeoutMs(headers['grpc-timeout'] as string | undefined);
    if (timeoutMs !== undefined) {
      this.deadlineMs = Date.now() + timeoutMs;
      this.#timer = setTimeout(() => this.#onDeadline(), timeoutMs);
    }
    // A stream that breaks is closed as well; without a listener its error would end the process.
    stream.on('error', noop);
    stream.on('close', () => this.#onClose());
  }

  get peer(): string {
    const socket = this.#stream.session?.socket;
    return socket?.remoteAddress === undefined ? 'unknown' : `${socket.remoteAddress}:${socket.remotePort}`;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#ended !== undefined) this.#controller.abort(this.#ended);
    }
    return this.#controller.signal;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /**
   * Collects messages, and reports the end of the request.
   * @param hold takes notice of buffered bytes (as a difference), throws when there are too many
   * @param onSettled told when nothing more is waited for, however it ended
   */
  receive(
    maxBytes: number,
    hold: (bytes: number) => void,
    onMessage: (message: Buffer) => void,
    onEnd: () => void,
    onSettled: () => void,
  ): void {
    const reader = new FrameReader(maxBytes);
    let held = 0;
    const settle = (bytes: number): void => {
      const difference = bytes - held;
      held = bytes;
      if (difference !== 0) hold(difference);
    };
    this.#stream.on('data', (piece: Buffer) => {
      if (this.#finished) return;
      try {
        for (const message of reader.push(piece)) onMessage(message);
        settle(reader.bufferedBytes);
      } catch (error) {
        this.fail(error as RpcError);
      }
    });
    this.#onClosed = () => {
      settle(0);
      onSettled();
    };
    this.#stream.on('end', () => {
      onSettled();
      if (this.#finished) return;
      if (reader.bufferedBytes > 0) this.fail(new RpcError(GrpcCode.InvalidArgument, 'request ends inside a message'));
      else onEnd();
    });
  }

  /** Sends the only message of a unary call, framed, and success. */
  respond(frame: Buffer): void {
    if (this.#finished) return;
    this.#finish(GrpcCode.Ok);
    const stream = this.#stream;
    if (stream.destroyed) return;
    stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
    stream.on('wantTrailers', sendOkTrailers);
    stream.end(frame);
  }

  /** Sends one of several messages. */
  write(message: Uint8Array): void {
    if (this.#finished || this.#stream.destroyed) return;
    if (!this.#stream.headersSent) this.#stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
    this.#stream.write(encodeFrame(message));
  }

  /** Ends the call with a status. */
  end(status: GrpcStatus): void {
    if (this.#finished) return;
    this.#finish(status.code);
    const stream = this.#stream;
    if (stream.destroyed) return;
    const trailers = statusTrailers(status);
    if (stream.headersSent) {
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end();
      return;
    }
    stream.respond({ ...RESPONSE_HEADERS, ...trailers }, { endStream: true });
    // A request that is refused before its end need not be sent to its end.
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
  }

  fail(error: RpcError): void {
    this.end({ code: error.grpcCode, message: error.message, reason: error.reason });
  }

  /** What an error means once the call itself has ended: the caller's deadline or hang-up came first. */
  explain(error: unknown): unknown {
    return this.#ended ?? error;
  }

  #finish(grpcCode: number): void {
    this.#finished = true;
    clearTimeout(this.#timer);
    this.onFinish?.(grpcCode);
  }

  #interrupt(error: RpcError): void {
    this.#ended = error;
    this.fail(error);
    this.#controller?.abort(error);
  }

  #onDeadline(): void {
    if (!this.#finished) {
      this.#interrupt(new RpcError(GrpcCode.DeadlineExceeded, 'the deadline of the caller has passed'));
    }
  }

  #onClose(): void {
    this.#onClosed();
    if (!this.#finished) this.#interrupt(new RpcError(GrpcCode.Cancelled, 'the caller hung up'));
  }
}

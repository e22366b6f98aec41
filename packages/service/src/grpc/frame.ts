import { GrpcCode } from './code.ts';
import { RpcError } from './rpc-error.ts';

/** Bytes before each message: one flag (compressed or not), then the length, big-endian. */
const PREFIX_BYTES = 5;

/** One gRPC message as it travels, uncompressed. Source: grpc/doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message. */
export const encodeFrame = (message: Uint8Array): Buffer => {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
};

/** Puts messages together from the pieces in which they arrive. */
export class FrameReader {
  readonly #maxBytes: number;
  #pending: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes held back until their message is complete. */
  get bufferedBytes(): number {
    return this.#bytes;
  }

  /**
   * Takes the next piece, returns the messages that it completes.
   * @throws RpcError `rpc/resource-exhausted` as soon as a message announces more than the limit,
   * `rpc/unimplemented` for a compressed one
   */
  push(piece: Buffer): readonly Buffer[] {
    this.#pending.push(piece);
    this.#bytes += piece.length;
    const messages: Buffer[] = [];
    while (this.#bytes >= PREFIX_BYTES) {
      const head = this.#peekHead();
      if (head[0] !== 0) throw new RpcError(GrpcCode.Unimplemented, 'compressed messages are not supported');
      const length = head.readUInt32BE(1);
      if (length > this.#maxBytes) {
        throw new RpcError(GrpcCode.ResourceExhausted, `message of ${length} bytes, limit ${this.#maxBytes}`, {
          meta: { got: length, limit: this.#maxBytes },
          retryable: false,
        });
      }
      if (this.#bytes < PREFIX_BYTES + length) break;
      const all = this.#joined();
      messages.push(all.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
      const rest = all.subarray(PREFIX_BYTES + length);
      this.#pending = rest.length > 0 ? [rest] : [];
      this.#bytes = rest.length;
    }
    return messages;
  }

  #peekHead(): Buffer {
    const first = this.#pending[0];
    return first !== undefined && first.length >= PREFIX_BYTES ? first : this.#joined();
  }

  #joined(): Buffer {
    const [first] = this.#pending;
    if (this.#pending.length === 1 && first !== undefined) return first;
    const all = Buffer.concat(this.#pending);
    this.#pending = [all];
    return all;
  }
}

import { GrpcCode } from './code.ts';
import { RpcError } from './rpc-error.ts';

/** Bytes before each message: one flag (compressed or not), then the length, big-endian. */
export const PREFIX_BYTES = 5;

/** One gRPC message as it travels, uncompressed. Source: grpc/doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message. */
export const encodeFrame = (message: Uint8Array): Buffer => {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
};

/** Room made for a message before its bytes are there: what a caller announces costs nothing until it is sent. */
const FIRST_ROOM_BYTES = 256 * 1024;

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Puts messages together from the pieces in which they arrive. Pieces are copied, since each of them keeps a whole
 * read buffer of its connection alive; a message that arrives in one piece is a view of it.
 */
export class FrameReader {
  readonly #maxBytes: number;
  /** Part of a message's head; made only when a head comes in pieces, as hardly any does. */
  #head: Buffer = NOTHING;
  #headBytes = 0;
  /** Length of the message that is being read; undefined while its head is incomplete. */
  #length: number | undefined;
  #room: Buffer = NOTHING;
  #roomBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes held back until their message is complete. */
  get bufferedBytes(): number {
    return this.#headBytes + this.#roomBytes;
  }

  /**
   * Takes the next piece, returns the messages that it completes.
   * @throws RpcError `rpc/resource-exhausted` as soon as a message announces more than the limit,
   * `rpc/unimplemented` for a compressed one
   */
  push(piece: Buffer): readonly Buffer[] {
    const messages: Buffer[] = [];
    let at = 0;
    for (;;) {
      if (this.#length === undefined) {
        at = this.#readHead(piece, at);
        if (this.#length === undefined) return messages;
      }
      const missing = this.#length - this.#roomBytes;
      const rest = piece.length - at;
      if (rest < missing) {
        this.#keep(piece.subarray(at), this.#length);
        return messages;
      }
      messages.push(this.#complete(piece.subarray(at, at + missing), this.#length));
      at += missing;
    }
  }

  #readHead(piece: Buffer, from: number): number {
    if (this.#headBytes === 0 && piece.length - from >= PREFIX_BYTES) {
      this.#headBytes = PREFIX_BYTES;
      this.#setLength(piece, from);
      return from + PREFIX_BYTES;
    }
    if (this.#head.length === 0) this.#head = Buffer.alloc(PREFIX_BYTES);
    const at = Math.min(piece.length, from + PREFIX_BYTES - this.#headBytes);
    piece.copy(this.#head, this.#headBytes, from, at);
    this.#headBytes += at - from;
    if (this.#headBytes === PREFIX_BYTES) this.#setLength(this.#head, 0);
    return at;
  }

  #setLength(head: Buffer, at: number): void {
    if (head[at] !== 0) throw new RpcError(GrpcCode.Unimplemented, 'compressed messages are not supported');
    const length = head.readUInt32BE(at + 1);
    if (length > this.#maxBytes) {
      throw new RpcError(GrpcCode.ResourceExhausted, `message of ${length} bytes, limit ${this.#maxBytes}`, {
        meta: { got: length, limit: this.#maxBytes },
        retryable: false,
      });
    }
    this.#length = length;
  }

  #keep(piece: Buffer, length: number): void {
    const needed = this.#roomBytes + piece.length;
    if (needed > this.#room.length) {
      const room = Buffer.allocUnsafeSlow(Math.min(length, Math.max(needed, 2 * this.#room.length, FIRST_ROOM_BYTES)));
      this.#room.copy(room, 0, 0, this.#roomBytes);
      this.#room = room;
    }
    piece.copy(this.#room, this.#roomBytes);
    this.#roomBytes = needed;
  }

  #complete(last: Buffer, length: number): Buffer {
    let message = last;
    if (this.#roomBytes > 0) {
      this.#keep(last, length);
      message = this.#room.subarray(0, length);
    }
    this.#headBytes = 0;
    this.#length = undefined;
    this.#room = NOTHING;
    this.#roomBytes = 0;
    return message;
  }
}

import { encodeFrame, PREFIX_BYTES } from './frame.ts';

/**
 * A response in its bytes, for a method that knows a cheaper way to them than the general encoder, or that gives the
 * same answer many times. Must be the encoding of the method's response: nothing looks at it again.
 */
export class EncodedMessage {
  /** With the prefix under which it travels. */
  readonly frame: Buffer;

  /** @param bytes the protobuf message; copied */
  constructor(bytes: Uint8Array) {
    this.frame = encodeFrame(bytes);
  }

  get bytes(): Uint8Array {
    return this.frame.subarray(PREFIX_BYTES);
  }
}

import { BinaryWriter } from 'cosmjs-types/binary';

const UINT32_RANGE = 2n ** 32n;

/**
 * cosmjs-types 0.11.0 takes the length of a varint from signed halves, and so writes zeros for 2^31..2^32-1. As a varint
 * such a number is the same in 32 bits, which it writes well. Fields, not methods: the base class has fields.
 */
class ExactWriter extends BinaryWriter {
  override uint64 = (value: string | number | bigint): BinaryWriter => {
    const exact = BigInt(value);
    return exact >= 0n && exact < UINT32_RANGE
      ? this.uint32(Number(exact))
      : BinaryWriter.prototype.int64.call(this, value);
  };
}

/** A message type of cosmjs-types. */
interface MessageType<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
}

/** Encodes a message of cosmjs-types, right over the whole range of uint64. Use it for all of them. */
export const encodeMessage = <T>(type: MessageType<T>, message: NoInfer<T>): Uint8Array =>
  type.encode(message, new ExactWriter()).finish();

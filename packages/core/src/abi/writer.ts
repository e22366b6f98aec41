import { assertUint64 } from '../bytes.ts';
import { CoreError } from '../errors.ts';

/** Bytes that `length` bytes take when padded to whole words. */
export const padded = (length: number): number => length + ((32 - (length % 32)) % 32);

/** Writes ABI words into one preallocated buffer. Sizes are known before, so nothing is copied twice. */
export class AbiWriter {
  readonly data: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: number) {
    this.data = new Uint8Array(bytes);
    this.#view = new DataView(this.data.buffer);
  }

  uint64(value: bigint, what: string): this {
    this.#view.setBigUint64(this.#at + 24, assertUint64(value, what));
    this.#at += 32;
    return this;
  }

  uint256(value: bigint, what: string): this {
    if (value < 0n || value >= 1n << 256n) {
      throw new CoreError('number/out-of-range', `${what}: expected 0..2^256-1, got ${value}`, { meta: { what } });
    }
    for (let i = 0; i < 4; i++) {
      this.#view.setBigUint64(this.#at + 8 * i, BigInt.asUintN(64, value >> BigInt(64 * (3 - i))));
    }
    this.#at += 32;
    return this;
  }

  /** An offset or a length: a small non-negative number. */
  size(value: number): this {
    this.#view.setUint32(this.#at + 28, value);
    this.#at += 32;
    return this;
  }

  /** A 32-byte word as it is. */
  word(bytes: Uint8Array): this {
    this.data.set(bytes, this.#at);
    this.#at += 32;
    return this;
  }

  /** A `bytes` or `string` tail: length word, content, zero padding. */
  bytes(bytes: Uint8Array): this {
    this.size(bytes.length);
    this.data.set(bytes, this.#at);
    this.#at += padded(bytes.length);
    return this;
  }
}

import { CoreError } from '../errors.ts';

const WORD = 32;
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where an ABI value starts. All positions are byte offsets into the same data. */
export type Position = number;

/**
 * Reads ABI words with the checks that Solidity's `abi.decode` makes (ABI coder v2): offsets and lengths at most
 * 2^64-1 and inside the data, unsigned integers without dirty upper bits. What it accepts may still be non-canonical
 * (other offsets, overlapping tails, trailing bytes); callers that need the one canonical form compare lengths and
 * offsets themselves or re-encode.
 */
export class AbiReader {
  readonly data: Uint8Array;
  readonly #view: DataView;
  readonly #singleUse: boolean;
  #taken = 0;

  /**
   * @param options.singleUse refuse (`abi/non-canonical`) as soon as the byte strings read add up to more than the data:
   * overlapping tails could otherwise make a small input cost a hundred times its size.
   */
  constructor(data: Uint8Array, options: { readonly singleUse?: boolean } = {}) {
    this.data = data;
    this.#singleUse = options.singleUse ?? false;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  /** Fails unless `bytes` bytes are present at `at`. */
  need(at: Position, bytes: number, what: string): void {
    if (at + bytes > this.data.length) {
      throw new CoreError('abi/truncated', `${what}: needs ${bytes} bytes at ${at}, data has ${this.data.length}`, {
        meta: { what, at, needed: bytes, length: this.data.length },
      });
    }
  }

  /** A 32-byte word, as a view into the data. */
  word(at: Position, what: string): Uint8Array {
    this.need(at, WORD, what);
    return this.data.subarray(at, at + WORD);
  }

  /** uint64 in a 32-byte word; dirty upper bits are rejected. */
  uint64(at: Position, what: string): bigint {
    this.need(at, WORD, what);
    if (this.#upperBits(at)) {
      throw new CoreError('abi/dirty-bits', `${what}: more than 64 bits set`, { meta: { what, at } });
    }
    return this.#view.getBigUint64(at + 24);
  }

  /** uint256 in a 32-byte word. */
  uint256(at: Position, what: string): bigint {
    this.need(at, WORD, what);
    let value = 0n;
    for (let i = 0; i < WORD; i += 8) value = (value << 64n) | this.#view.getBigUint64(at + i);
    return value;
  }

  /**
   * Follows the offset word at `at`, relative to `base`, to a value whose head takes `headBytes`.
   * The offset is checked against the data before it becomes a number.
   */
  follow(at: Position, base: Position, headBytes: number, what: string): Position {
    const offset = this.#small(at, 'abi/offset-out-of-range', `${what} offset`);
    const target = base + offset;
    if (target + headBytes > this.data.length) {
      throw new CoreError('abi/offset-out-of-range', `${what} offset ${offset} points past the data`, {
        meta: { what, offset, length: this.data.length },
      });
    }
    return target;
  }

  /** Reads the length word of an array whose elements take `elementBytes` each in its head. */
  length(at: Position, elementBytes: number, what: string): number {
    const length = this.#small(at, 'abi/length-out-of-range', `${what} length`);
    if (at + WORD + length * elementBytes > this.data.length) {
      throw new CoreError('abi/length-out-of-range', `${what}: ${length} elements do not fit the data`, {
        meta: { what, got: length, length: this.data.length },
      });
    }
    return length;
  }

  /** `bytes` value at `at` (length word, then content), as a view into the data. */
  bytes(at: Position, what: string): Uint8Array {
    const length = this.length(at, 1, what);
    this.#taken += length;
    if (this.#singleUse && this.#taken > this.data.length) throwNonCanonical(what);
    return this.data.subarray(at + WORD, at + WORD + length);
  }

  /** `string` value at `at`; must be valid UTF-8. */
  string(at: Position, what: string): string {
    const raw = this.bytes(at, what);
    try {
      return utf8Decoder.decode(raw);
    } catch (cause) {
      throw new CoreError('abi/invalid-utf8', `${what}: not valid UTF-8`, { meta: { what }, cause });
    }
  }

  #upperBits(at: Position): boolean {
    return (
      this.#view.getBigUint64(at) !== 0n ||
      this.#view.getBigUint64(at + 8) !== 0n ||
      this.#view.getBigUint64(at + 16) !== 0n
    );
  }

  #small(at: Position, code: 'abi/offset-out-of-range' | 'abi/length-out-of-range', what: string): number {
    this.need(at, WORD, what);
    const low = this.#view.getBigUint64(at + 24);
    if (this.#upperBits(at) || low > BigInt(this.data.length)) {
      throw new CoreError(code, `${what} is larger than the data (${this.data.length} bytes)`, { meta: { what, at } });
    }
    return Number(low);
  }
}

/** @throws CoreError `abi/non-canonical` always; one place for the wording. */
export const throwNonCanonical = (what: string): never => {
  throw new CoreError('abi/non-canonical', `${what}: decodes, but is not the canonical ABI encoding`, {
    meta: { what },
  });
};

import { CoreError } from '../errors.ts';
import { padded } from './writer.ts';

const WORD = 32;
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where an ABI value starts. All positions are byte offsets into the same data. */
export type Position = number;

/** Text of short ASCII bytes, undefined for any other: a call into the decoder costs more than all the rest of a word. */
const asciiText = (raw: Uint8Array): string | undefined => {
  for (let i = 0; i < raw.length; i++) if ((raw[i] ?? 0) > 0x7f) return undefined;
  return String.fromCharCode.apply(null, raw as unknown as number[]);
};

/**
 * Reads ABI words with the checks that Solidity's `abi.decode` makes (ABI coder v2): offsets and lengths at most
 * 2^64-1 and inside the data, unsigned integers without dirty upper bits. What it accepts may still be non-canonical
 * (other offsets, overlapping tails, dirty padding, trailing bytes): `canonical` says so, provided that values are read
 * in the order in which an encoder lays them out, each once.
 */
export class AbiReader {
  readonly data: Uint8Array;
  readonly #view: DataView;
  readonly #strict: boolean;
  /** Where the next tail stands in the canonical encoding. */
  #next: Position = WORD;
  #canonical = true;

  /** @param options.strict throw `abi/non-canonical` at the first value that does not stand where an encoder puts it */
  constructor(data: Uint8Array, options: { readonly strict?: boolean } = {}) {
    this.data = data;
    this.#strict = options.strict ?? false;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  /** After everything was read: is the data the one canonical encoding of what was read? */
  get canonical(): boolean {
    return this.#canonical && this.#next === this.data.length;
  }

  /**
   * For strict readers, after everything was read.
   * @throws CoreError `abi/non-canonical`
   */
  finish(what: string): void {
    if (!this.canonical) throwNonCanonical(what);
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
    if (target !== this.#next) this.#deviates(what);
    this.#next = target + headBytes;
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
    this.#next = at + WORD + length * elementBytes;
    return length;
  }

  /** `bytes` value at `at` (length word, then content), as a view into the data. */
  bytes(at: Position, what: string): Uint8Array {
    const length = this.length(at, 1, what);
    const end = at + WORD + length;
    this.#next = at + WORD + padded(length);
    for (let i = end; i < this.#next; i++) if (this.data[i] !== 0) this.#deviates(what);
    return this.data.subarray(at + WORD, end);
  }

  /** `string` value at `at`; must be valid UTF-8. */
  string(at: Position, what: string): string {
    const raw = this.bytes(at, what);
    const ascii = raw.length <= 64 ? asciiText(raw) : undefined;
    if (ascii !== undefined) return ascii;
    try {
      return utf8Decoder.decode(raw);
    } catch (cause) {
      throw new CoreError('abi/invalid-utf8', `${what}: not valid UTF-8`, { meta: { what }, cause });
    }
  }

  #deviates(what: string): void {
    if (this.#strict) throwNonCanonical(what);
    this.#canonical = false;
  }

  #upperBits(at: Position): boolean {
    // As six numbers and not three bigints: this runs for every word that is read.
    const view = this.#view;
    return (
      (view.getUint32(at) |
        view.getUint32(at + 4) |
        view.getUint32(at + 8) |
        view.getUint32(at + 12) |
        view.getUint32(at + 16) |
        view.getUint32(at + 20)) !==
      0
    );
  }

  #small(at: Position, code: 'abi/offset-out-of-range' | 'abi/length-out-of-range', what: string): number {
    this.need(at, WORD, what);
    const high = this.#view.getUint32(at + 24);
    const low = this.#view.getUint32(at + 28);
    // Data longer than 2^32 bytes does not exist here, so a larger number is out of range whatever its value.
    if (this.#upperBits(at) || high !== 0 || low > this.data.length) {
      throw new CoreError(code, `${what} is larger than the data (${this.data.length} bytes)`, { meta: { what, at } });
    }
    return low;
  }
}

/** @throws CoreError `abi/non-canonical` always; one place for the wording. */
export const throwNonCanonical = (what: string): never => {
  throw new CoreError('abi/non-canonical', `${what}: decodes, but is not the canonical ABI encoding`, {
    meta: { what },
  });
};

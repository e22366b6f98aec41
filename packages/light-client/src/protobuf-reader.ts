import { LightClientError } from './errors.ts';

// Declared with its type, so that the compiler knows what comes after a call of it: nothing.
const malformed: (reason: string) => never = (reason) => {
  throw new LightClientError('light-client/protobuf-malformed', `protobuf: ${reason}`);
};

const LENGTH_DELIMITED = 2;
const END_GROUP = 4;

/**
 * Reads a protobuf message in place, field by field, taking and refusing what the code that gogoproto generates takes
 * and refuses: unknown fields and whole groups are skipped, a known field with another wire type is an error, numbers
 * keep their low 64 bits however long they are spelled (up to ten bytes), field numbers their low 32. Which of several
 * errors there are is not told apart, since no caller sees it.
 *
 * Every method throws LightClientError `light-client/protobuf-malformed`.
 *
 * @example
 * const reader = new ProtobufReader(bytes);
 * for (let field = reader.next(); field !== 0; field = reader.next()) {
 *   if (field === 1) name = reader.bytes();
 *   else reader.skip();
 * }
 */
export class ProtobufReader {
  readonly #data: Uint8Array;
  #at = 0;
  /** Where the tag of the current field begins: skipping reads it once more, as generated code does. */
  #tagAt = 0;
  #wireType = 0;
  // The last varint in two halves: a bigint for every length and tag would cost more than all the rest.
  #low = 0;
  #high = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  /** Number of the next field, 0 at the end. */
  next(): number {
    if (this.#at >= this.#data.length) return 0;
    this.#tagAt = this.#at;
    this.#varint();
    this.#wireType = this.#low & 7;
    const field = (this.#low >>> 3) | (this.#high << 29);
    if (this.#wireType === END_GROUP) malformed('end of a group outside of any');
    if (field <= 0) malformed(`illegal field number ${field}`);
    return field;
  }

  /** Content of a length-delimited field, as a view into the data. */
  bytes(): Uint8Array {
    this.#expect(LENGTH_DELIMITED);
    this.#varint();
    const end = this.#at + this.#low;
    if (this.#high !== 0 || end > this.#data.length) malformed('a length points past the data');
    const out = this.#data.subarray(this.#at, end);
    this.#at = end;
    return out;
  }

  uint64(): bigint {
    this.#expect(0);
    this.#varint();
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  /** Low 32 bits of a varint. */
  uint32(): number {
    this.#expect(0);
    this.#varint();
    return this.#low;
  }

  bool(): boolean {
    this.#expect(0);
    this.#varint();
    return (this.#low | this.#high) !== 0;
  }

  /** Passes over the current field, a whole group at once. Numbers of fields inside of a group are not looked at. */
  skip(): void {
    this.#at = this.#tagAt;
    let depth = 0;
    do {
      this.#varint();
      switch (this.#low & 7) {
        case 0:
          this.#varint();
          break;
        case 1:
          this.#at += 8;
          break;
        case LENGTH_DELIMITED:
          this.#varint();
          if (this.#high !== 0) malformed('a length points past the data');
          this.#at += this.#low;
          break;
        case 3:
          depth++;
          break;
        case END_GROUP:
          depth--;
          break;
        case 5:
          this.#at += 4;
          break;
        default:
          malformed(`illegal wire type ${this.#low & 7}`);
      }
      if (this.#at > this.#data.length) malformed('truncated');
    } while (depth > 0);
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) malformed(`wire type ${this.#wireType} where ${wireType} belongs`);
  }

  #varint(): void {
    const data = this.#data;
    const first = data[this.#at] ?? 0x80;
    this.#high = 0;
    if (first < 0x80) {
      this.#low = first;
      this.#at++;
      return;
    }
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = data[this.#at];
      if (byte === undefined) malformed('truncated');
      this.#at++;
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift >= 32) high |= bits << (shift - 32);
      else if (shift === 28) high |= bits >>> 4;
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    malformed('a number has more than ten bytes');
  }
}

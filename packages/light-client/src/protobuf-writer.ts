const varint = (value: bigint): number[] => {
  const out: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest));
  return out;
};

/** Writes protobuf as every encoder does: fields in the order of the calls, zero and empty values left out. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** `repeated` values are written even when they are empty. */
  bytes(field: number, value: Uint8Array, kind: 'single' | 'repeated' = 'single'): this {
    if (value.length === 0 && kind === 'single') return this;
    return this.#push(Uint8Array.of((field << 3) | 2, ...varint(BigInt(value.length)))).#push(value);
  }

  uint64(field: number, value: bigint): this {
    return value === 0n ? this : this.#push(Uint8Array.of(field << 3, ...varint(value)));
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  #push(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
}

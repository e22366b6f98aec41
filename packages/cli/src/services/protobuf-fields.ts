import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

type Field = bigint | Uint8Array;

/** The fields of a protobuf message by number; the last one of several counts, as decoders have it. */
export interface Fields {
  readonly numbers: readonly number[];
  bytes(number: number): Uint8Array | undefined;
  repeated(number: number): readonly Uint8Array[];
  text(number: number): string;
  uint64(number: number): bigint;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads a message without knowing what it is; undefined for bytes that are none. */
export const readFields = (bytes: Uint8Array): Fields | undefined => {
  const fields = new Map<number, Field[]>();
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      const list = fields.get(number) ?? [];
      fields.set(number, list);
      if (type === WireType.Varint) list.push(BigInt(reader.uint64()));
      else if (type === WireType.LengthDelimited) list.push(reader.bytes());
      else reader.skip(type, number);
    }
  } catch {
    return undefined;
  }
  const all = (number: number): readonly Uint8Array[] =>
    (fields.get(number) ?? []).filter((value) => value instanceof Uint8Array);
  return {
    numbers: [...fields.keys()],
    repeated: all,
    bytes: (number) => all(number).at(-1),
    text: (number) => {
      try {
        return utf8.decode(all(number).at(-1));
      } catch {
        return '';
      }
    },
    uint64: (number) => {
      const value = fields.get(number)?.at(-1);
      return typeof value === 'bigint' ? BigInt.asUintN(64, value) : 0n;
    },
  };
};

/** A `google.protobuf.Any`. */
export interface TypedBytes {
  readonly type: string;
  readonly value: Uint8Array;
}

/** Reads an Any: what begins with a type URL. Undefined for anything else. */
export const readAny = (bytes: Uint8Array): TypedBytes | undefined => {
  const fields = readFields(bytes);
  const type = fields?.text(1) ?? '';
  if (fields === undefined || !/^\/[A-Za-z0-9_.]{3,200}$/.test(type)) return undefined;
  return { type, value: fields.bytes(2) ?? new Uint8Array() };
};

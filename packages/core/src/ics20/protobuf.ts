import { equalBytes, utf8ToBytes } from '../bytes.ts';
import { CoreError } from '../errors.ts';
import { type Ics20PacketData, parseIcs20Amount, throwInvalidIcs20 } from './data.ts';

/** Field numbers 1..5 of `ibc.applications.transfer.v1.FungibleTokenPacketData`; all are strings. */
const FIELDS = ['denom', 'amount', 'sender', 'receiver', 'memo'] as const;
const LENGTH_DELIMITED = 2;
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const varint = (value: number): number[] => {
  const out: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  return [...out, rest];
};

/** `application/x-protobuf`: fields in order, empty strings left out. */
export const encodeIcs20Protobuf = (data: Ics20PacketData): Uint8Array => {
  const parts = FIELDS.map((field) => utf8ToBytes(String(data[field]))).map((text, i) =>
    text.length === 0 ? [] : [Uint8Array.from([((i + 1) << 3) | LENGTH_DELIMITED, ...varint(text.length)]), text],
  );
  const chunks = parts.flat();
  const out = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
};

/** Length varint at `at`; at most 4 bytes, which is far more than any packet may hold. */
const readLength = (bytes: Uint8Array, at: number): { readonly length: number; readonly next: number } => {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return throwInvalidIcs20('truncated');
    length += (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { length, next: at + i + 1 };
  }
  return throwInvalidIcs20('a length does not fit the data');
};

/**
 * Strict decoder: unknown fields are refused as ibc-go refuses them, and so is any form but the canonical one (fields in
 * order, each once, empty ones left out, shortest lengths).
 * @throws CoreError `ics20/invalid`, `ics20/non-canonical`
 */
export const decodeIcs20Protobuf = (bytes: Uint8Array): Ics20PacketData => {
  const values = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const field = FIELDS[(tag >> 3) - 1];
    if (field === undefined || tag > 0x7f) return throwInvalidIcs20(`unknown field at byte ${at}`);
    if ((tag & 7) !== LENGTH_DELIMITED) throwInvalidIcs20(`${field} has the wrong wire type`);
    const { length, next } = readLength(bytes, at + 1);
    if (next + length > bytes.length) throwInvalidIcs20('truncated');
    try {
      values.set(field, utf8Decoder.decode(bytes.subarray(next, next + length)));
    } catch (cause) {
      throwInvalidIcs20(`${field} is not valid UTF-8`, cause);
    }
    at = next + length;
  }
  const field = (name: (typeof FIELDS)[number]): string => values.get(name) ?? '';
  const data: Ics20PacketData = {
    denom: field('denom'),
    sender: field('sender'),
    receiver: field('receiver'),
    amount: parseIcs20Amount(field('amount')),
    memo: field('memo'),
  };
  if (!equalBytes(encodeIcs20Protobuf(data), bytes)) {
    throw new CoreError('ics20/non-canonical', 'ICS-20 packet data: decodes, but is not the canonical protobuf form');
  }
  return data;
};

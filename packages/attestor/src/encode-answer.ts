import { EncodedMessage } from '@interchain-attestation/service';

/** A signed statement. */
export interface SignedAnswer {
  readonly height: bigint;
  /** Unix seconds; only for a state. */
  readonly timestampSec?: bigint;
  readonly attestedData: Uint8Array;
  readonly signature: Uint8Array;
}

/** Tags of ibc_attestor.Attestation (field number and wire type), and of the response around it. */
const TAG = { attestation: 0x0a, height: 0x08, timestamp: 0x10, attestedData: 0x1a, signature: 0x22 } as const;
/** Longest varint of a 64-bit number. */
const MAX_VARINT = 10;
const MAX_SMALL = BigInt(Number.MAX_SAFE_INTEGER);

const varintBytes = (value: number): number => {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
};

/** Writes fields one after the other into a buffer that is large enough. */
class Fields {
  readonly #out: Uint8Array;
  at = 0;

  constructor(out: Uint8Array) {
    this.#out = out;
  }

  #byte(value: number): void {
    this.#out[this.at++] = value;
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#byte((rest % 128) | 0x80);
    this.#byte(rest);
  }

  uint64(tag: number, value: bigint): void {
    this.#byte(tag);
    let rest = value;
    for (; rest > MAX_SMALL; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#varint(Number(rest));
  }

  head(tag: number, length: number): void {
    this.#byte(tag);
    this.#varint(length);
  }

  bytes(tag: number, value: Uint8Array): void {
    this.head(tag, value.length);
    this.#out.set(value, this.at);
    this.at += value.length;
  }
}

const fieldBytes = (length: number): number => 1 + varintBytes(length) + length;

/** Of one answer, while it is written: answers are copied from here. */
let scratch = new Uint8Array(16 * 1024);

/**
 * StateAttestationResponse and PacketAttestationResponse, which are encoded alike: written by hand, since the general
 * encoder takes three times as long for each of the thousands that are kept and given again.
 */
export const encodeAnswer = ({ height, timestampSec, attestedData, signature }: SignedAnswer): EncodedMessage => {
  const most = 2 * (1 + MAX_VARINT) + fieldBytes(attestedData.length) + fieldBytes(signature.length);
  if (fieldBytes(most) > scratch.length) scratch = new Uint8Array(fieldBytes(most));
  // The attestation first, behind the most room that its head can take; then the head, right before it.
  const from = 1 + varintBytes(most);
  const inner = new Fields(scratch.subarray(from));
  // proto3: zero is what an absent number means, and never written. The timestamp is optional: zero is written.
  if (height !== 0n) inner.uint64(TAG.height, height);
  if (timestampSec !== undefined) inner.uint64(TAG.timestamp, timestampSec);
  if (attestedData.length > 0) inner.bytes(TAG.attestedData, attestedData);
  if (signature.length > 0) inner.bytes(TAG.signature, signature);
  const start = from - 1 - varintBytes(inner.at);
  new Fields(scratch.subarray(start)).head(TAG.attestation, inner.at);
  return new EncodedMessage(scratch.subarray(start, from + inner.at));
};

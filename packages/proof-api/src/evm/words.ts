import { concatBytes, encodeUint64, keccak256, utf8ToBytes } from '@interchain-attestation/core';

/** ABI word of an unsigned integer up to 64 bits. */
export const word = (value: bigint | number): Uint8Array => {
  const out = new Uint8Array(32);
  out.set(encodeUint64(BigInt(value)), 24);
  return out;
};

/** `bytes` or `string` tail: length word, content, zero padding. */
export const tail = (bytes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(32 + ((bytes.length + 31) & ~31));
  out.set(word(bytes.length));
  out.set(bytes, 32);
  return out;
};

/** First four bytes of the hash of a function's signature. */
export const selector = (signature: string): Uint8Array => keccak256(utf8ToBytes(signature)).subarray(0, 4);

/** Heads (offset words for the tails, plain words otherwise) followed by the tails: the ABI form of a tuple. */
export const tuple = (...members: readonly (bigint | { readonly tail: Uint8Array })[]): Uint8Array => {
  let offset = 32 * members.length;
  const heads: Uint8Array[] = [];
  const tails: Uint8Array[] = [];
  for (const member of members) {
    if (typeof member === 'bigint') {
      heads.push(word(member));
    } else {
      heads.push(word(offset));
      tails.push(member.tail);
      offset += member.tail.length;
    }
  }
  return concatBytes(...heads, ...tails);
};

/** `bytes[]` tail. */
export const bytesArray = (values: readonly Uint8Array[]): Uint8Array =>
  concatBytes(word(values.length), tuple(...values.map((value) => ({ tail: tail(value) }))));

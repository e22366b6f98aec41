import { bytesToHex, type Hex, hexToBytes, utf8ToBytes } from './bytes.ts';
import { CoreError } from './errors.ts';
import { keccak256 } from './hash.ts';

/** Ethereum address in EIP-55 mixed case: the one spelling in which addresses leave this package. */
export type Address = Hex;

const PATTERN = /^0x[0-9a-fA-F]{40}$/;

/** EIP-55 spelling of a 20-byte address. */
export const checksumAddress = (bytes: Uint8Array): Address => {
  const hex = bytesToHex(bytes).slice(2);
  const hash = keccak256(utf8ToBytes(hex));
  let out = '0x';
  for (let i = 0; i < hex.length; i++) {
    const nibble = ((hash[i >> 1] ?? 0) >> (i % 2 === 0 ? 4 : 0)) & 0xf;
    const char = hex[i] ?? '';
    out += nibble >= 8 ? char.toUpperCase() : char;
  }
  return out as Address;
};

/**
 * Parses an Ethereum address. All-lower and all-upper case are taken as they are; mixed case must be EIP-55.
 * @throws CoreError `address/invalid`, `address/checksum`
 */
export const parseAddress = (text: string): Address => {
  if (!PATTERN.test(text)) {
    throw new CoreError('address/invalid', `not an Ethereum address: ${text.slice(0, 80)}`, {
      meta: { got: text.slice(0, 80) },
    });
  }
  const digits = text.slice(2);
  const address = checksumAddress(hexToBytes(digits));
  const singleCase = digits === digits.toLowerCase() || digits === digits.toUpperCase();
  if (!singleCase && text !== address) {
    throw new CoreError('address/checksum', `address ${text} has a wrong EIP-55 checksum, expected ${address}`, {
      meta: { got: text, expected: address },
    });
  }
  return address;
};

/** Address of an uncompressed public key (65 bytes, leading 0x04), as 20 bytes. */
export const publicKeyToAddressBytes = (uncompressed: Uint8Array): Uint8Array =>
  keccak256(uncompressed.subarray(1)).subarray(12);

import { sha256 } from '@interchain-attestation/core';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { bech32 } from '@scure/base';

/**
 * Address of a secp256k1 account: bech32 of ripemd160(sha256(publicKey)).
 * @param publicKey compressed, 33 bytes
 */
export const cosmosAddress = (publicKey: Uint8Array, prefix: string): string =>
  bech32.encode(prefix, bech32.toWords(ripemd160(sha256(publicKey))));

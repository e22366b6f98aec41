import {
  bytesToHex,
  hexToBytes,
  keccak256,
  privateKeyToAddress,
  sha256,
  signDigest,
} from '@interchain-attestation/core';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Signer } from '../ports.ts';

/**
 * A signer whose key lies in this process's memory.
 * @param privateKey 32 bytes, or their hex
 * @throws CoreError `signature/invalid-key`, `bytes/invalid-hex`
 */
export const createMemorySigner = (privateKey: Uint8Array | string): Signer => {
  // A copy: the caller may wipe its own.
  const key = typeof privateKey === 'string' ? hexToBytes(privateKey) : Uint8Array.from(privateKey);
  const address = privateKeyToAddress(key);
  return {
    address,
    publicKey: secp256k1.getPublicKey(key, true),
    signRecoverable: async (message) => signDigest(sha256(message), key),
    signCosmosTransaction: async (signDoc) => signDigest(sha256(signDoc), key).slice(0, 64),
    async signEvmTransaction(serialized) {
      const signature = signDigest(keccak256(serialized), key);
      return {
        r: bytesToHex(signature.subarray(0, 32)),
        s: bytesToHex(signature.subarray(32, 64)),
        yParity: signature[64] === 28 ? 1 : 0,
      };
    },
  };
};

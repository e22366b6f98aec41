/**
 * The secp256k1 operations this project needs. Two implementations pass the same conformance suite: `noble` runs
 * everywhere, `native` is libsecp256k1 and is chosen in Node.
 */
export interface Secp256k1 {
  readonly name: 'noble' | 'native';
  /** Compressed (33-byte) or uncompressed (65-byte) public key; undefined when the private key is invalid. */
  publicKey(privateKey: Uint8Array, compressed: boolean): Uint8Array | undefined;
  /** RFC 6979 signature with low s: 64 bytes r || s and the recovery id (0..3). */
  sign(digest: Uint8Array, privateKey: Uint8Array): { readonly rs: Uint8Array; readonly recoveryId: number };
  /**
   * Uncompressed public key (65 bytes), or undefined when no key fits. High s is accepted here. The result may be
   * overwritten by the next call.
   */
  recover(digest: Uint8Array, rs: Uint8Array, recoveryId: number): Uint8Array | undefined;
}

/** One-shot hash functions; each result is a new array of 32 bytes. Chosen with the curve, and tested with it. */
export interface Hashes {
  readonly name: 'noble' | 'native';
  sha256(data: Uint8Array): Uint8Array;
  keccak256(data: Uint8Array): Uint8Array;
}

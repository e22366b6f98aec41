import { hashes } from '#crypto';

/** SHA-256, 32 bytes. */
export const sha256: (data: Uint8Array) => Uint8Array = hashes.sha256;

/** Keccak-256 (Ethereum's, not SHA-3), 32 bytes. */
export const keccak256: (data: Uint8Array) => Uint8Array = hashes.keccak256;

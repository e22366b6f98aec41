import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Hashes } from './backend.ts';

/** Pure JavaScript hashes: browsers, and Node where the faster ones do not load. */
export const nobleHashes: Hashes = {
  name: 'noble',
  sha256: (data) => sha256(data),
  keccak256: (data) => keccak_256(data),
};

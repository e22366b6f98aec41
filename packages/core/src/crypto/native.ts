import { createRequire } from 'node:module';
import type { Secp256k1 } from './backend.ts';
import { noble } from './noble.ts';

export { nativeHashes as hashes } from './native-hashes.ts';

interface Bindings {
  publicKeyCreate(privateKey: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(
    digest: Uint8Array,
    privateKey: Uint8Array,
    options: undefined,
    output: Uint8Array,
  ): { signature: Uint8Array; recid: number };
  ecdsaRecover(
    signature: Uint8Array,
    recoveryId: number,
    digest: Uint8Array,
    compressed: boolean,
    output: Uint8Array,
  ): Uint8Array;
}

// Arrays of more than 64 bytes live outside of V8's heap, and making one costs more than hashing it.
const recovered = new Uint8Array(65);

const load = (): Bindings | undefined => {
  try {
    // `secp256k1/bindings`, not `secp256k1`: the latter silently falls back to an implementation in JavaScript that is
    // older than noble.
    return createRequire(import.meta.url)('secp256k1/bindings') as Bindings;
  } catch {
    return undefined;
  }
};

const fromBindings = (bindings: Bindings): Secp256k1 => ({
  name: 'native',
  publicKey(privateKey, compressed) {
    try {
      return Uint8Array.from(bindings.publicKeyCreate(privateKey, compressed));
    } catch {
      return undefined;
    }
  },
  sign(digest, privateKey) {
    const rs = new Uint8Array(64);
    return { rs, recoveryId: bindings.ecdsaSign(digest, privateKey, undefined, rs).recid };
  },
  recover(digest, rs, recoveryId) {
    try {
      return bindings.ecdsaRecover(rs, recoveryId, digest, false, recovered);
    } catch {
      return undefined;
    }
  },
});

const bindings = load();

/** libsecp256k1 where its prebuilt binary loads (about 25 times noble's speed), noble elsewhere. */
export const backend: Secp256k1 = bindings === undefined ? noble : fromBindings(bindings);

import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Secp256k1 } from './backend.ts';

/** Pure JavaScript back end: browsers, and Node where the native library does not load. */
export const noble: Secp256k1 = {
  name: 'noble',
  publicKey(privateKey, compressed) {
    return secp256k1.utils.isValidSecretKey(privateKey) ? secp256k1.getPublicKey(privateKey, compressed) : undefined;
  },
  sign(digest, privateKey) {
    const bytes = secp256k1.sign(digest, privateKey, { prehash: false, lowS: true, format: 'recovered' });
    return { rs: bytes.slice(1), recoveryId: bytes[0] ?? 0 };
  },
  recover(digest, rs, recoveryId) {
    try {
      const signature = secp256k1.Signature.fromBytes(rs, 'compact').addRecoveryBit(recoveryId);
      return signature.recoverPublicKey(digest).toBytes(false);
    } catch {
      return undefined;
    }
  },
};

import { backend } from '#crypto';
import { type Address, checksumAddress, publicKeyToAddressBytes } from './address.ts';
import { assertLength } from './bytes.ts';
import type { Secp256k1 } from './crypto/backend.ts';
import { CoreError } from './errors.ts';
import { sha256 } from './hash.ts';

/** What kind of statement is signed: the type tag keeps one from passing for the other. */
export type AttestationKind = 'state' | 'packet';

const TYPE_TAG: Readonly<Record<AttestationKind, number>> = { state: 1, packet: 2 };

/** Type tag || sha256(attestationData), 33 bytes: what a remote signer is sent. Source: wire format, section 2. */
export const signingPreimage = (kind: AttestationKind, attestationData: Uint8Array): Uint8Array => {
  const out = new Uint8Array(33);
  out[0] = TYPE_TAG[kind];
  out.set(sha256(attestationData), 1);
  return out;
};

/** sha256 of the preimage, 32 bytes: what is signed. */
export const signingDigest = (kind: AttestationKind, attestationData: Uint8Array): Uint8Array =>
  sha256(signingPreimage(kind, attestationData));

const throwInvalidKey = (): never => {
  throw new CoreError('signature/invalid-key', 'not a secp256k1 private key (32 bytes, 1..n-1)');
};

const signWith = (crypto: Secp256k1, digest: Uint8Array, privateKey: Uint8Array): ReturnType<Secp256k1['sign']> => {
  if (privateKey.length !== 32) return throwInvalidKey();
  try {
    return crypto.sign(digest, privateKey);
  } catch {
    // The digest has its length, so it is the key. No cause: what a library says of a key does not belong in a log.
    return throwInvalidKey();
  }
};

/**
 * Signs a 32-byte digest: 65 bytes r || s || v, RFC 6979, low s, v 27 or 28 (the form every verifier accepts).
 * @throws CoreError `signature/invalid-key`, `bytes/invalid-length`
 */
export const signDigest = (digest: Uint8Array, privateKey: Uint8Array, crypto: Secp256k1 = backend): Uint8Array => {
  assertLength(digest, 32, 'digest');
  const { rs, recoveryId } = signWith(crypto, digest, privateKey);
  const out = new Uint8Array(65);
  out.set(rs);
  out[64] = 27 + recoveryId;
  return out;
};

/**
 * Address of a private key.
 * @throws CoreError `signature/invalid-key`
 */
export const privateKeyToAddress = (privateKey: Uint8Array, crypto: Secp256k1 = backend): Address => {
  const key = privateKey.length === 32 ? crypto.publicKey(privateKey, false) : undefined;
  if (key === undefined) return throwInvalidKey();
  return checksumAddress(publicKeyToAddressBytes(key));
};

/** Which spellings of a signature a verifier takes. Both rule sets are facts of live verifiers (wire format section 3). */
export interface SignatureRules {
  readonly acceptHighS: boolean;
  /** Take v = 0 and 1 as well as 27 and 28. */
  readonly acceptRawRecoveryId: boolean;
  /**
   * Take v = 2 and 3, which say that r is what is left of an x coordinate above the group order. No signer that is not
   * looking for it ever makes such a signature; libsecp256k1 recovers from it all the same.
   */
  readonly acceptOverflowedR?: boolean;
}

/** The intersection of all verifiers: what a signature must look like to be used anywhere. */
export const STRICT_SIGNATURE_RULES: SignatureRules = { acceptHighS: false, acceptRawRecoveryId: false };

export type SignatureFault = 'length' | 'recovery-id' | 'high-s' | 'unrecoverable';

/** A verdict on a signature: the signer, or why there is none. */
export type Recovered =
  | { readonly ok: true; readonly address: Address; readonly addressBytes: Uint8Array }
  | { readonly ok: false; readonly fault: SignatureFault };

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

const isHighS = (signature: Uint8Array): boolean => {
  // Almost every s decides on its first byte; the full comparison is for the rest.
  const first = signature[32] ?? 0;
  if (first !== 0x7f) return first > 0x7f;
  let s = 0n;
  for (let i = 32; i < 64; i++) s = (s << 8n) | BigInt(signature[i] ?? 0);
  return s > HALF_ORDER;
};

const isTakenV = (v: number, rules: SignatureRules): boolean =>
  v === 27 ||
  v === 28 ||
  (rules.acceptRawRecoveryId && v <= 1) ||
  (rules.acceptOverflowedR === true && (v === 2 || v === 3));

/**
 * Recovers the 20 address bytes behind a 65-byte signature; the fast form of {@link recoverSigner}.
 * @param digest 32 bytes
 * @throws CoreError `bytes/invalid-length` when the digest is not 32 bytes
 */
export const recoverAddressBytes = (
  digest: Uint8Array,
  signature: Uint8Array,
  rules: SignatureRules = STRICT_SIGNATURE_RULES,
  crypto: Secp256k1 = backend,
): Uint8Array | SignatureFault => {
  assertLength(digest, 32, 'digest');
  if (signature.length !== 65) return 'length';
  const v = signature[64] ?? 0;
  const recoveryId = v === 27 || v === 28 ? v - 27 : v;
  // High s first: that is the order in which OpenZeppelin's ECDSA reports a signature that has both faults.
  if (!rules.acceptHighS && isHighS(signature)) return 'high-s';
  if (!isTakenV(v, rules)) return 'recovery-id';
  const key = crypto.recover(digest, signature.subarray(0, 64), recoveryId);
  return key === undefined ? 'unrecoverable' : publicKeyToAddressBytes(key);
};

/**
 * Recovers the signer of a digest. A bad signature is a verdict, not an error.
 * @param digest 32 bytes
 * @param signature r || s || v, 65 bytes
 * @throws CoreError `bytes/invalid-length` when the digest is not 32 bytes
 */
export const recoverSigner = (
  digest: Uint8Array,
  signature: Uint8Array,
  rules: SignatureRules = STRICT_SIGNATURE_RULES,
  crypto: Secp256k1 = backend,
): Recovered => {
  const result = recoverAddressBytes(digest, signature, rules, crypto);
  return typeof result === 'string'
    ? { ok: false, fault: result }
    : { ok: true, address: checksumAddress(result), addressBytes: result };
};

/** True when `signature` over `digest` was made by `address` and every verifier would take it. */
export const verifySignature = (digest: Uint8Array, signature: Uint8Array, address: Address): boolean => {
  const recovered = recoverSigner(digest, signature);
  return recovered.ok && recovered.address === address;
};

import {
  createCipheriv,
  createDecipheriv,
  pbkdf2,
  randomBytes,
  randomUUID,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';
import { concatBytes, keccak256, privateKeyToAddress, utf8ToBytes } from '@interchain-attestation/core';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { ChainError } from '../errors.ts';
import type { Signer } from '../ports.ts';
import { type KeystoreCrypto, type KeystoreV3, keystoreSchema } from './keystore-schema.ts';
import { createMemorySigner } from './memory-signer.ts';

const deriveScrypt = promisify<
  Uint8Array,
  Uint8Array,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);
const derivePbkdf2 = promisify(pbkdf2);

/** geth's "standard" cost: about half a second and 256 MB. */
const STANDARD_N = 2 ** 18;

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** OpenSSL keeps to RFC 7914, n < 2^(16 r); the vectors of the format itself (n = 2^18, r = 1) do not. */
const scryptKey = (password: string, salt: Uint8Array, n: number, r: number, p: number, dklen: number) =>
  n >= 2 ** (16 * r)
    ? scryptAsync(utf8ToBytes(password), salt, { N: n, r, p, dkLen: dklen, maxmem: 2 ** 31 })
    : deriveScrypt(utf8ToBytes(password), salt, dklen, { N: n, r, p, maxmem: 256 * n * r + 2 ** 20 });

const deriveKey = async (crypto: KeystoreCrypto, password: string): Promise<Uint8Array> => {
  if (crypto.kdf === 'scrypt') {
    const { salt, n, r, p, dklen } = crypto.kdfparams;
    return scryptKey(password, fromHex(salt), n, r, p, dklen);
  }
  const { salt, c, dklen } = crypto.kdfparams;
  return derivePbkdf2(utf8ToBytes(password), fromHex(salt), c, dklen, 'sha256');
};

const parseKeystore = (json: unknown): KeystoreV3 => {
  let value = json;
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json);
    } catch {
      // The cause would quote the file.
      throw new ChainError('keystore/invalid', 'keystore is not JSON');
    }
  }
  const parsed = keystoreSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  const unsupported = /(^|\.)(version|kdf|cipher|prf)$/.test(path);
  throw new ChainError(
    unsupported ? 'keystore/unsupported' : 'keystore/invalid',
    `keystore: ${path === '' ? 'not a V3 keystore' : path}: ${issue?.message ?? 'invalid'}`,
    { meta: { path } },
  );
};

/**
 * Decrypts an Ethereum V3 keystore (scrypt or PBKDF2, AES-128-CTR).
 * @param json text of the file, or what it parses to
 * @returns the private key, 32 bytes
 * @throws ChainError `keystore/invalid`, `keystore/unsupported`, `keystore/wrong-password`
 */
export const decryptKeystore = async (json: unknown, password: string): Promise<Uint8Array> => {
  const { crypto, address } = parseKeystore(json);
  const derived = await deriveKey(crypto, password);
  const ciphertext = fromHex(crypto.ciphertext);
  const mac = keccak256(concatBytes(derived.subarray(16, 32), ciphertext));
  if (!timingSafeEqual(mac, fromHex(crypto.mac))) {
    throw new ChainError('keystore/wrong-password', 'wrong password for the keystore, or the file is damaged');
  }
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), fromHex(crypto.cipherparams.iv));
  const key = Uint8Array.from(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
  let actual: string;
  try {
    actual = privateKeyToAddress(key);
  } catch (cause) {
    throw new ChainError('keystore/invalid', 'keystore holds no secp256k1 private key', { cause });
  }
  if (address !== undefined && actual.slice(2).toLowerCase() !== address) {
    throw new ChainError('keystore/invalid', `keystore names address 0x${address}, its key has ${actual}`, {
      meta: { expected: `0x${address}`, got: actual },
    });
  }
  return key;
};

/** A signer from a V3 keystore. See {@link decryptKeystore} for errors. */
export const loadKeystore = async (json: unknown, password: string): Promise<Signer> =>
  createMemorySigner(await decryptKeystore(json, password));

/**
 * Encrypts a private key as a V3 keystore (scrypt, AES-128-CTR), readable by geth, ethers and Foundry.
 * @param privateKey 32 bytes
 * @param options.n scrypt cost, default 2^18; smaller only in tests
 * @returns the JSON text
 * @throws ChainError `chain/invalid-input` for an empty password; CoreError `signature/invalid-key`
 */
export const createKeystore = async (
  privateKey: Uint8Array,
  password: string,
  options: { readonly n?: number } = {},
): Promise<string> => {
  if (password === '') throw new ChainError('chain/invalid-input', 'a keystore needs a password, got an empty one');
  const address = privateKeyToAddress(privateKey);
  const kdfparams = { dklen: 32, n: options.n ?? STANDARD_N, r: 8, p: 1, salt: toHex(randomBytes(32)) };
  const derived = await scryptKey(password, fromHex(kdfparams.salt), kdfparams.n, kdfparams.r, kdfparams.p, 32);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(privateKey), cipher.final()]);
  return JSON.stringify({
    version: 3,
    id: randomUUID(),
    address: address.slice(2).toLowerCase(),
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: toHex(iv) },
      ciphertext: toHex(ciphertext),
      kdf: 'scrypt',
      kdfparams,
      mac: toHex(keccak256(concatBytes(derived.subarray(16, 32), ciphertext))),
    },
  });
};

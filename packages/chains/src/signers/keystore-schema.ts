import { z } from 'zod';

const hex = (bytes?: number): z.ZodType<string, string> =>
  z
    .string()
    .regex(/^(0x)?([0-9a-fA-F]{2})*$/, 'expected hex')
    .transform((text) => text.replace(/^0x/, '').toLowerCase())
    .refine((text) => bytes === undefined || text.length === 2 * bytes, { message: `expected ${bytes} bytes` });

interface ScryptKdf {
  readonly kdf: 'scrypt';
  readonly kdfparams: { readonly dklen: number; n: number; r: number; p: number; salt: string };
}

interface Pbkdf2Kdf {
  readonly kdf: 'pbkdf2';
  readonly kdfparams: { readonly dklen: number; c: number; prf: 'hmac-sha256'; salt: string };
}

interface Cipher {
  readonly cipher: 'aes-128-ctr';
  readonly cipherparams: { readonly iv: string };
  readonly ciphertext: string;
  readonly mac: string;
}

export type KeystoreCrypto = Cipher & (ScryptKdf | Pbkdf2Kdf);

/** Bounds keep a hostile file from taking all memory or an hour: 2^20 * 8 is a gigabyte. */
const scrypt = z.object({
  kdf: z.literal('scrypt'),
  kdfparams: z.object({
    dklen: z.int().min(32).max(64),
    n: z
      .int()
      .min(2)
      .max(2 ** 20)
      .refine((n) => (n & (n - 1)) === 0, { message: 'expected a power of two' }),
    r: z.int().min(1).max(8),
    p: z.int().min(1).max(16),
    salt: hex(),
  }),
});

const pbkdf2 = z.object({
  kdf: z.literal('pbkdf2'),
  kdfparams: z.object({
    dklen: z.int().min(32).max(64),
    c: z.int().min(1).max(10_000_000),
    prf: z.literal('hmac-sha256'),
    salt: hex(),
  }),
});

const cipher: z.ZodType<Cipher> = z.object({
  cipher: z.literal('aes-128-ctr'),
  cipherparams: z.object({ iv: hex(16) }),
  ciphertext: hex(32),
  mac: hex(32),
});

/** The parts of a V3 keystore that are used. Some programs write `Crypto`; some leave `address` out. */
export interface KeystoreV3 {
  readonly address?: string | undefined;
  readonly crypto: KeystoreCrypto;
}

const lowerCaseKey = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('Crypto' in value) || 'crypto' in value) return value;
  const { Crypto, ...rest } = value;
  return { ...rest, crypto: Crypto };
};

export const keystoreSchema: z.ZodType<KeystoreV3> = z.preprocess(
  lowerCaseKey,
  z.object({
    version: z.union([z.literal(3), z.literal('3')]),
    address: hex(20).optional(),
    crypto: z.intersection(cipher, z.discriminatedUnion('kdf', [scrypt, pbkdf2])),
  }),
);

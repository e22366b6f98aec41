// Plain secp256k1 arithmetic for tests: slow, obvious, and not the code under test.

export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
export const FIELD = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;

export const toWord = (value: bigint): Uint8Array => {
  const out = new Uint8Array(32);
  for (let i = 31, rest = value; i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return out;
};

export const toBigInt = (bytes: Uint8Array): bigint => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n;
  for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n, b = (b * b) % modulus) {
    if (e & 1n) result = (result * b) % modulus;
  }
  return result;
};

/** True when some point of the curve has this x. */
export const isX = (x: bigint): boolean => x < FIELD && power(x ** 3n + 7n, (FIELD - 1n) / 2n, FIELD) === 1n;

/** The smallest r for which both r and r + n are x of points: recovery ids 0..3 then all name a key. */
export const smallDoubleR = (): bigint => {
  let r = 1n;
  while (!isX(r) || !isX(r + ORDER)) r++;
  return r;
};

/** Inverse modulo the order of the group. */
export const inverse = (value: bigint): bigint => power(value, ORDER - 2n, ORDER);

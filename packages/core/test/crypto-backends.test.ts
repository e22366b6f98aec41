import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { bytesToHex, hexToBytes, recoverSigner, sha256, signDigest, utf8ToBytes } from '@interchain-attestation/core';
import fc from 'fast-check';
import { keccak256 as viemKeccak } from 'viem';
// The back ends themselves are not public: whoever imports the package gets the one for its platform.
import { backend as native, hashes as nativeHashes } from '../src/crypto/native.ts';
import { backend as portable, hashes as portableHashes } from '../src/crypto/portable.ts';
import { inverse, ORDER, smallDoubleR, toBigInt, toWord } from './curve.ts';

const key = toWord;
const rs = (r: bigint, s: bigint): Uint8Array => Uint8Array.from([...toWord(r), ...toWord(s)]);
const privateKey = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(toWord);
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });

// RFC 6979 over secp256k1 with SHA-256: the vectors that Bitcoin implementations share (first published in the
// bitcointalk thread 285142, then in the test suites of Trezor's crypto library and of bitcoinjs).
const RFC_6979: readonly (readonly [privateKey: Uint8Array, message: string, rs: string])[] = [
  [
    key(1n),
    'Satoshi Nakamoto',
    '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
  ],
  [
    key(1n),
    'All those moments will be lost in time, like tears in rain. Time to die...',
    '8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21',
  ],
  [
    key(ORDER - 1n),
    'Satoshi Nakamoto',
    'fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5',
  ],
  [
    hexToBytes('f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181'),
    'Alan Turing',
    '7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea',
  ],
];

test('libsecp256k1 loads here: otherwise both suites below test the same code', () => {
  assert.equal(native.name, 'native');
  assert.equal(nativeHashes.name, 'native');
  assert.notEqual(nativeHashes.keccak256, portableHashes.keccak256);
});

for (const crypto of [portable, native]) {
  describe(`secp256k1 by ${crypto.name}`, () => {
    test('signs as RFC 6979 says', () => {
      for (const [secret, message, expected] of RFC_6979) {
        const { rs: signature, recoveryId } = crypto.sign(sha256(utf8ToBytes(message)), secret);
        assert.equal(bytesToHex(signature), `0x${expected}`);
        assert.ok(recoveryId === 0 || recoveryId === 1);
      }
    });

    test('derives the public key of 1, the generator', () => {
      const x = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
      const y = '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';
      assert.equal(bytesToHex(crypto.publicKey(key(1n), false) ?? key(0n)), `0x04${x}${y}`);
      assert.equal(bytesToHex(crypto.publicKey(key(1n), true) ?? key(0n)), `0x02${x}`);
    });

    test('knows no public key for what is no private key', () => {
      for (const bad of [0n, ORDER, ORDER + 1n, 2n ** 256n - 1n])
        assert.equal(crypto.publicKey(key(bad), false), undefined);
      for (const length of [0, 31, 33]) assert.equal(crypto.publicKey(new Uint8Array(length).fill(1), true), undefined);
    });

    test('recovers the key that signed, with a low s, and from views into larger buffers', () => {
      fc.assert(
        fc.property(privateKey, digest, (secret, hash) => {
          const { rs: signature, recoveryId } = crypto.sign(hash, secret);
          assert.ok(toBigInt(signature.subarray(32)) <= ORDER / 2n);
          const buffer = Uint8Array.from([9, 9, ...hash, ...signature, 9]);
          const recovered = crypto.recover(buffer.subarray(2, 34), buffer.subarray(34, 98), recoveryId);
          assert.deepEqual(recovered, crypto.publicKey(secret, false));
        }),
        { numRuns: 40 },
      );
    });

    test('recovers from a high s, whose parity is the other one', () => {
      const hash = sha256(Uint8Array.of(1));
      const { rs: signature, recoveryId } = crypto.sign(hash, key(7n));
      const high = rs(toBigInt(signature.subarray(0, 32)), ORDER - toBigInt(signature.subarray(32)));
      assert.deepEqual(crypto.recover(hash, high, recoveryId ^ 1), crypto.publicKey(key(7n), false));
    });

    test('recovers nothing from r or s of zero, of the order, or above it', () => {
      const hash = sha256(Uint8Array.of(1));
      const good = toBigInt(crypto.sign(hash, key(7n)).rs.subarray(0, 32));
      for (const bad of [0n, ORDER, ORDER + 1n, 2n ** 256n - 1n]) {
        for (const recoveryId of [0, 1, 2, 3]) {
          assert.equal(crypto.recover(hash, rs(bad, 1n), recoveryId), undefined);
          assert.equal(crypto.recover(hash, rs(good, bad), recoveryId), undefined);
        }
      }
    });

    test('recovers nothing where the key would be the point at infinity', () => {
      // s R = z G, so that s R - z G is zero: R = k G gives s = z / k.
      const { rs: signature, recoveryId } = crypto.sign(key(5n), key(7n));
      const r = toBigInt(signature.subarray(0, 32));
      // k from s = (z + r d) / k
      const k = ((5n + r * 7n) * inverse(toBigInt(signature.subarray(32)))) % ORDER;
      const s = (5n * inverse(k)) % ORDER;
      assert.equal(crypto.recover(key(5n), rs(r, s), recoveryId), undefined);
    });

    test('tells the four keys of an r apart whose x may be r or r + n', () => {
      const r = smallDoubleR();
      const keys = [0, 1, 2, 3].map((id) => crypto.recover(sha256(Uint8Array.of(2)), rs(r, 3n), id)?.slice());
      assert.equal(new Set(keys.map((found) => bytesToHex(found ?? key(0n)))).size, 4);
      assert.ok(keys.every((found) => found?.length === 65));
    });

    test('recovers nothing with id 2 or 3 where r + n is not below the field', () => {
      const hash = sha256(Uint8Array.of(1));
      const { rs: signature } = crypto.sign(hash, key(7n));
      for (const recoveryId of [2, 3]) assert.equal(crypto.recover(hash, signature, recoveryId), undefined);
    });
  });
}

describe('both back ends', () => {
  test('make the same signatures', () => {
    fc.assert(
      fc.property(privateKey, digest, (secret, hash) => {
        assert.deepEqual(native.sign(hash, secret), portable.sign(hash, secret));
      }),
      { numRuns: 60 },
    );
  });

  test('recover the same from any bytes, also from edge values', () => {
    const scalar = fc.oneof(
      fc.constantFrom(0n, 1n, 2n, ORDER / 2n, ORDER / 2n + 1n, ORDER - 1n, ORDER, 2n ** 256n - 1n, smallDoubleR()),
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    );
    const hashes = fc.oneof(digest, fc.constantFrom(key(0n), key(ORDER), key(2n ** 256n - 1n)));
    fc.assert(
      fc.property(hashes, scalar, scalar, fc.integer({ min: 0, max: 3 }), (hash, r, s, recoveryId) => {
        assert.deepEqual(native.recover(hash, rs(r, s), recoveryId), portable.recover(hash, rs(r, s), recoveryId));
      }),
      { numRuns: 300 },
    );
  });

  test('agree on 65 random bytes as a signature, whatever the rules', () => {
    const rules = fc.record({ acceptHighS: fc.boolean(), acceptRawRecoveryId: fc.boolean() });
    const signature = fc.tuple(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.constantFrom(0, 1, 2, 27, 28, 29));
    fc.assert(
      fc.property(digest, signature, rules, (hash, [body, v], accepted) => {
        const bytes = Uint8Array.from([...body, v]);
        assert.deepEqual(recoverSigner(hash, bytes, accepted, native), recoverSigner(hash, bytes, accepted, portable));
      }),
      { numRuns: 200 },
    );
    assert.deepEqual(signDigest(key(1n), key(2n), native), signDigest(key(1n), key(2n), portable));
  });
});

for (const hashes of [portableHashes, nativeHashes]) {
  describe(`hashes by ${hashes.name}`, () => {
    // FIPS 180-4 and the Keccak team's test vectors.
    test('give the published values', () => {
      const hex = (data: Uint8Array): string => bytesToHex(data).slice(2);
      const [empty, abc] = [utf8ToBytes(''), utf8ToBytes('abc')];
      assert.equal(hex(hashes.sha256(empty)), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
      assert.equal(hex(hashes.sha256(abc)), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
      assert.equal(hex(hashes.keccak256(empty)), 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
      assert.equal(hex(hashes.keccak256(abc)), '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45');
    });

    test('agree with node:crypto and viem at every length around their block sizes', () => {
      for (const length of [...Array(300).keys(), 1000, 20_000, 200_000]) {
        const data = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);
        assert.equal(bytesToHex(hashes.sha256(data)), `0x${createHash('sha256').update(data).digest('hex')}`);
        assert.equal(bytesToHex(hashes.keccak256(data)), viemKeccak(data));
      }
    });

    test('return a plain array of its own, each time', () => {
      for (const hash of [hashes.sha256, hashes.keccak256]) {
        const first = hash(Uint8Array.of(1));
        const kept = bytesToHex(first);
        const second = hash(Uint8Array.of(2));
        assert.equal(bytesToHex(first), kept);
        assert.equal(Object.getPrototypeOf(second), Uint8Array.prototype);
        assert.equal(second.buffer.byteLength, 32);
      }
    });
  });
}

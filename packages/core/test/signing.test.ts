import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  hexToBytes,
  privateKeyToAddress,
  recoverSigner,
  type SignatureFault,
  sha256,
  signDigest,
  verifySignature,
} from '@interchain-attestation/core';
import { backend as native } from '../src/crypto/native.ts';
import { backend as portable } from '../src/crypto/portable.ts';
import { ORDER, toBigInt, toWord } from './curve.ts';

const digest = sha256(Uint8Array.of(1));
// The first development account of anvil and Hardhat.
const privateKey = hexToBytes('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
const address = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const good = signDigest(digest, privateKey);
const v = good[64] ?? 0;
const r = toBigInt(good.subarray(0, 32));
const s = toBigInt(good.subarray(32, 64));
const signature = (newR: bigint, newS: bigint, newV: number): Uint8Array =>
  Uint8Array.from([...toWord(newR), ...toWord(newS), newV]);
const lenient = { acceptHighS: true, acceptRawRecoveryId: true };

describe('signing', () => {
  test('makes 65 bytes with low s and v 27 or 28, which recover to the signer', () => {
    assert.equal(good.length, 65);
    assert.ok(s <= ORDER / 2n);
    assert.ok(v === 27 || v === 28);
    const recovered = recoverSigner(digest, good);
    assert.ok(recovered.ok);
    assert.equal(recovered.address, address);
    assert.equal(privateKeyToAddress(privateKey), address);
    assert.equal(verifySignature(digest, good, address), true);
    assert.equal(verifySignature(sha256(digest), good, address), false);
  });

  test('refuses what is no key and what is no digest', () => {
    for (const bad of [toWord(0n), toWord(ORDER), new Uint8Array(31), new Uint8Array(0)]) {
      for (const crypto of [native, portable]) {
        assert.throws(() => signDigest(digest, bad, crypto), { code: 'signature/invalid-key' });
      }
      assert.throws(() => privateKeyToAddress(bad), { code: 'signature/invalid-key' });
    }
    assert.throws(() => signDigest(digest.subarray(1), privateKey), { code: 'bytes/invalid-length' });
    assert.throws(() => recoverSigner(new Uint8Array(33), good), { code: 'bytes/invalid-length' });
  });
});

const STRICT: readonly (readonly [name: string, bytes: Uint8Array, fault: SignatureFault])[] = [
  ['no bytes', new Uint8Array(0), 'length'],
  ['64 bytes', good.subarray(0, 64), 'length'],
  ['66 bytes', Uint8Array.from([...good, 0]), 'length'],
  ['v of 0 or 1', signature(r, s, v - 27), 'recovery-id'],
  ['v of 2', signature(r, s, 2), 'recovery-id'],
  ['v of 29', signature(r, s, 29), 'recovery-id'],
  ['v of 255', signature(r, s, 255), 'recovery-id'],
  ['its twin with a high s', signature(r, ORDER - s, 55 - v), 'high-s'],
  ['s just above half of the order', signature(r, ORDER / 2n + 1n, v), 'high-s'],
  ['s of the order', signature(r, ORDER, v), 'high-s'],
  ['a high s and a bad v: OpenZeppelin looks at s first', signature(r, ORDER - s, 0), 'high-s'],
  ['r of zero', signature(0n, s, v), 'unrecoverable'],
  ['s of zero', signature(r, 0n, v), 'unrecoverable'],
  ['r of the order', signature(ORDER, s, v), 'unrecoverable'],
  ['r above the field', signature(2n ** 256n - 1n, s, v), 'unrecoverable'],
  ['an r that is on no point', signature(5n, s, v), 'unrecoverable'],
];

describe('the strict rules refuse', () => {
  for (const [name, bytes, fault] of STRICT) {
    test(name, () => assert.deepEqual(recoverSigner(digest, bytes), { ok: false, fault }));
  }
});

describe('s at exactly half of the order', () => {
  test('is low', () => {
    const half = recoverSigner(digest, signature(r, ORDER / 2n, v));
    assert.equal(half.ok, true);
  });
});

describe('the lenient rules', () => {
  test('take v of 0 and 1, and the twin with a high s, and recover the same signer', () => {
    for (const bytes of [signature(r, s, v - 27), signature(r, ORDER - s, 55 - v), signature(r, ORDER - s, 28 - v)]) {
      const recovered = recoverSigner(digest, bytes, lenient);
      assert.ok(recovered.ok);
      assert.equal(recovered.address, address);
    }
  });

  test('are two rules, each on its own', () => {
    const highS = { acceptHighS: true, acceptRawRecoveryId: false };
    const rawV = { acceptHighS: false, acceptRawRecoveryId: true };
    assert.deepEqual(recoverSigner(digest, signature(r, s, v - 27), highS), { ok: false, fault: 'recovery-id' });
    assert.deepEqual(recoverSigner(digest, signature(r, ORDER - s, 55 - v), rawV), { ok: false, fault: 'high-s' });
    assert.equal(recoverSigner(digest, signature(r, s, 3), lenient).ok, false);
    assert.equal(recoverSigner(digest, signature(r, s, 30), lenient).ok, false);
  });
});

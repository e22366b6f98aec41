import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  AttestationError,
  bytesToHex,
  CoreError,
  encodeUint64,
  equalBytes,
  hexToBytes,
  isAttestationError,
  isZeroBytes,
  utf8ToBytes,
} from '@interchain-attestation/core';
import fc from 'fast-check';

describe('bytes', () => {
  test('go to hex and back, with or without 0x', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const hex = bytesToHex(bytes);
        assert.equal(hex, `0x${Buffer.from(bytes).toString('hex')}`);
        assert.deepEqual(hexToBytes(hex), bytes);
        assert.deepEqual(hexToBytes(hex.slice(2).toUpperCase()), bytes);
      }),
    );
  });

  test('are refused as hex of odd length or with other characters', () => {
    for (const hex of ['0', '0x0', 'zz', '0x0g', ' 00', '0x0x00']) {
      assert.throws(() => hexToBytes(hex), { code: 'bytes/invalid-hex' });
    }
  });

  test('of a text are UTF-8, short or long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        assert.deepEqual(utf8ToBytes(text), new TextEncoder().encode(text));
      }),
    );
  });

  test('compare by content', () => {
    assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
    assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
    assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1)), false);
    assert.deepEqual([isZeroBytes(new Uint8Array(3)), isZeroBytes(Uint8Array.of(0, 1))], [true, false]);
  });

  test('of a uint64 are eight, big-endian', () => {
    assert.equal(bytesToHex(encodeUint64(2n ** 64n - 2n)), '0xfffffffffffffffe');
    for (const bad of [-1n, 2n ** 64n]) assert.throws(() => encodeUint64(bad), { code: 'number/out-of-range' });
  });
});

describe('errors', () => {
  test('carry code, facts, cause and whether to retry', () => {
    const cause = new Error('below');
    const error = new CoreError('abi/truncated', 'short', { meta: { length: 3 }, cause });
    assert.ok(error instanceof AttestationError);
    assert.deepEqual(
      [error.name, error.code, error.retryable, error.cause],
      ['CoreError', 'abi/truncated', false, cause],
    );
    assert.deepEqual(error.meta, { length: 3 });
    assert.equal(isAttestationError(error, 'abi/truncated'), true);
    assert.equal(isAttestationError(error, 'abi/dirty-bits'), false);
    assert.equal(isAttestationError(cause), false);
  });
});

describe('the package', () => {
  test('runs in a browser: nothing but the Node back end touches Node', () => {
    const source = join(dirname(fileURLToPath(import.meta.url)), '../src');
    const native = ['crypto/native.ts', 'crypto/native-hashes.ts'];
    for (const file of globSync('**/*.ts', { cwd: source })) {
      if (native.includes(file)) continue;
      const text = readFileSync(join(source, file), 'utf8');
      assert.doesNotMatch(text, /from 'node:|\bBuffer\.|\bprocess\.|from '[^']*native[^']*'/, file);
    }
  });
});

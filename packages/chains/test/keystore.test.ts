import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  ChainError,
  createKeystore,
  createMemorySigner,
  decryptKeystore,
  loadKeystore,
  loadKeystoreFile,
  readPassword,
  systemClock,
  writeKeystoreFile,
} from '@interchain-attestation/chains';
import { bytesToHex, hexToBytes } from '@interchain-attestation/core';
import { clockConformance, rejectsWith, signerConformance } from './conformance/index.ts';

/** Vectors of the Web3 Secret Storage definition: password "testpassword". */
const SECRET = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';
const PBKDF2_VECTOR = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262_144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
const SCRYPT_VECTOR = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262_144,
      p: 8,
      r: 1,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};

const KEY = hexToBytes(SECRET);
const CHEAP = { n: 2 } as const;

signerConformance('in memory', async () => createMemorySigner(SECRET));
signerConformance('keystore', async () => loadKeystore(await createKeystore(KEY, 'pw', CHEAP), 'pw'));
clockConformance('system', () => systemClock);

describe('keystore', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keystore-'));
  });
  after(() => rm(folder, { recursive: true }));

  test('reads the published vectors', async () => {
    assert.equal(bytesToHex(await decryptKeystore(PBKDF2_VECTOR, 'testpassword')), SECRET);
    assert.equal(bytesToHex(await decryptKeystore(JSON.stringify(SCRYPT_VECTOR), 'testpassword')), SECRET);
  });

  test('reads `Crypto` with a capital', async () => {
    const { crypto, ...rest } = PBKDF2_VECTOR;
    assert.equal(bytesToHex(await decryptKeystore({ ...rest, Crypto: crypto }, 'testpassword')), SECRET);
  });

  test('what it writes, it reads; twice the same key makes two files', async () => {
    const [a, b] = await Promise.all([createKeystore(KEY, 'pä ss', CHEAP), createKeystore(KEY, 'pä ss', CHEAP)]);
    assert.notEqual(a, b);
    assert.ok(!a.includes(SECRET.slice(2)));
    assert.deepEqual(await decryptKeystore(a, 'pä ss'), KEY);
    assert.equal((await loadKeystore(b, 'pä ss')).address, createMemorySigner(KEY).address);
  });

  test('a wrong password is told from a broken file', async () => {
    const json = await createKeystore(KEY, 'right', CHEAP);
    for (const password of ['wrong', '', 'right ']) {
      await rejectsWith(loadKeystore(json, password), 'keystore/wrong-password');
    }
  });

  test('a malformed file is named, without quoting it', async () => {
    const good = JSON.parse(await createKeystore(KEY, 'pw', CHEAP));
    const withCrypto = (change: object): object => ({ ...good, crypto: { ...good.crypto, ...change } });
    const withParams = (change: object): object => withCrypto({ kdfparams: { ...good.crypto.kdfparams, ...change } });
    const table: readonly (readonly [
      unknown,
      'keystore/invalid' | 'keystore/unsupported' | 'keystore/wrong-password',
    ])[] = [
      ['', 'keystore/invalid'],
      ['{', 'keystore/invalid'],
      ['null', 'keystore/invalid'],
      ['[]', 'keystore/invalid'],
      [{}, 'keystore/unsupported'],
      [{ ...good, version: 1 }, 'keystore/unsupported'],
      [{ ...good, crypto: undefined }, 'keystore/invalid'],
      [{ ...good, address: '00'.repeat(20) }, 'keystore/invalid'],
      [{ ...good, address: 'xyz' }, 'keystore/invalid'],
      [withCrypto({ cipher: 'aes-256-cbc' }), 'keystore/unsupported'],
      [withCrypto({ kdf: 'argon2' }), 'keystore/unsupported'],
      [withCrypto({ ciphertext: 'ab' }), 'keystore/invalid'],
      [withCrypto({ mac: `${good.crypto.mac}00` }), 'keystore/invalid'],
      [withCrypto({ mac: '00'.repeat(32) }), 'keystore/wrong-password'],
      [withCrypto({ cipherparams: { iv: '00' } }), 'keystore/invalid'],
      [withParams({ n: 3 }), 'keystore/invalid'],
      [withParams({ n: 2 ** 30 }), 'keystore/invalid'],
      [withParams({ r: 1_000_000 }), 'keystore/invalid'],
      [withParams({ dklen: 16 }), 'keystore/invalid'],
    ];
    for (const [json, code] of table) {
      const error = await rejectsWith(loadKeystore(json, 'pw'), code);
      assert.ok(!`${error.message}${error.cause}`.includes(good.crypto.ciphertext));
    }
  });

  test('an empty password protects nothing and is refused', async () => {
    await rejectsWith(createKeystore(KEY, ''), 'chain/invalid-input');
  });

  test('the file is readable by its owner only, and is never replaced by accident', async () => {
    const path = join(folder, 'key.json');
    const json = await createKeystore(KEY, 'pw', CHEAP);
    await writeKeystoreFile(path, json);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await loadKeystoreFile(path, 'pw')).address, createMemorySigner(KEY).address);
    await rejectsWith(writeKeystoreFile(path, '{}'), 'keystore/invalid');
    assert.equal((await readFile(path, 'utf8')).trim(), json);
    await writeKeystoreFile(path, `${json} `, { overwrite: true });
    assert.deepEqual(await readdir(folder), ['key.json'], 'nothing half-written stays behind');
    await rejectsWith(loadKeystoreFile(join(folder, 'none.json'), 'pw'), 'keystore/invalid');
  });

  test('passwords come from a file, without its last newline, or from a variable', async () => {
    const file = join(folder, 'password');
    await writeFile(file, ' a b \n');
    assert.equal(await readPassword({ file }), ' a b ');
    assert.equal(await readPassword({ env: 'KEY_PASSWORD' }, { KEY_PASSWORD: 'x' }), 'x');
    await rejectsWith(readPassword({ env: 'KEY_PASSWORD' }, {}), 'chain/invalid-input');
    await rejectsWith(readPassword({ file: join(folder, 'none') }), 'chain/invalid-input');
    await writeFile(file, '\n');
    await rejectsWith(readPassword({ file }), 'chain/invalid-input');
  });

  test('a key that is none is refused', () => {
    for (const key of [`0x${'00'.repeat(32)}`, '0x1234', 'zz', new Uint8Array(31)]) {
      assert.throws(
        () => createMemorySigner(key),
        (error) => !(error instanceof ChainError) && error instanceof Error,
      );
    }
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { goCacheFolder, goProgram, goProgramOrSkip, skipWithout, startOracle } from '@interchain-attestation/go-tools';
import { withBuildLock } from '../src/build-lock.ts';

const oracle = await goProgram('ibc-go-oracle');
const skip = skipWithout(oracle);

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'go-tools-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

describe('Go programs', () => {
  test('are found again instead of built again', { skip }, async () => {
    const lines: string[] = [];
    assert.deepEqual(await goProgram('ibc-go-oracle', { onProgress: (line) => lines.push(line) }), oracle);
    assert.deepEqual(lines, []);
  });

  test('are missing, with a reason, where there is no Go', async () => {
    for (const INTERCHAIN_ATTESTATION_GO of ['none', '/nonexistent/go']) {
      const program = await goProgram('geth', { env: { INTERCHAIN_ATTESTATION_GO } });
      assert.match('missing' in program ? program.missing : '', /no Go tool chain/);
    }
  });

  test('skip a test by name, but fail it in CI', async () => {
    const missing = { missing: 'no Go tool chain' };
    assert.equal(skipWithout({ path: '/x' }, { CI: 'true' }), false);
    assert.equal(skipWithout(missing, {}), 'no Go tool chain');
    assert.equal(skipWithout(missing, { CI: 'false' }), 'no Go tool chain');
    assert.throws(() => skipWithout(missing, { CI: '1' }), { code: 'go-tools/required-in-ci' });
  });

  test('are asked for inside of a test', { skip }, async (t) => {
    assert.equal(await goProgramOrSkip(t, 'ibc-go-oracle'), 'path' in oracle ? oracle.path : undefined);
  });

  test('stand outside of the work tree', () => {
    assert.equal(goCacheFolder({ XDG_CACHE_HOME: '/c' }), join('/c', 'interchain-attestation', 'go'));
    assert.match(goCacheFolder({ HOME: '/h' }), /[.]cache/);
  });
});

describe('the lock around a build', () => {
  test('lets one in at a time', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'x.lock');
      let inside = 0;
      let waited = 0;
      const work = async (): Promise<void> => {
        inside++;
        assert.equal(inside, 1);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
      };
      await Promise.all([1, 2, 3].map(() => withBuildLock(file, () => waited++, work)));
      assert.ok(waited > 0);
      assert.deepEqual(readdirSync(folder), []);
    }));

  test('is taken over from a process that is gone', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'x.lock');
      writeFileSync(file, '1\n');
      const longAgo = new Date(Date.now() - 3_600_000);
      utimesSync(file, longAgo, longAgo);
      assert.equal(
        await withBuildLock(
          file,
          () => assert.fail('waited'),
          async () => 7,
        ),
        7,
      );
    }));

  test('is given back when the work fails', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'x.lock');
      await assert.rejects(
        withBuildLock(
          file,
          () => {},
          async () => Promise.reject(new Error('no')),
        ),
        /no/,
      );
      assert.deepEqual(readdirSync(folder), []);
    }));
});

describe('the oracle', () => {
  const path = 'path' in oracle ? oracle.path : '';

  test('answers requests that were sent without waiting', { skip }, async () => {
    const client = startOracle(path);
    const asked = ['packet', 'receipt', 'acknowledgement'].map((kind, i) =>
      client.request('path', { kind, clientId: 'client-0', sequence: String(i) }),
    );
    const answers = (await Promise.all(asked)).map((answer) => answer.hex);
    assert.deepEqual(
      answers,
      ['01', '02', '03'].map((tag, i) => `${Buffer.from('client-0').toString('hex')}${tag}000000000000000${i}`),
    );
    await client.close();
  });

  test('says what it cannot use, and goes on', { skip }, async () => {
    const client = startOracle(path);
    await assert.rejects(client.request('nonsense'), { code: 'go-tools/oracle-failed', message: /unknown op/ });
    assert.ok((await client.request('digest', { kind: 'state', data: '00' })).hex);
    await client.close();
    await assert.rejects(client.request('path'), { code: 'go-tools/oracle-failed' });
  });

  test('fails requests when it cannot be started', async () => {
    const client = startOracle('/nonexistent/oracle');
    await assert.rejects(client.request('path'), { code: 'go-tools/oracle-failed' });
    await client.close();
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseProofApiConfig } from '../src/index.ts';
import { failsWith } from './support/expect.ts';

const base = {
  listenAddress: '127.0.0.1:9090',
  sources: [{ chain: 'a', attestors: [{ name: 'one', address: '127.0.0.1:8080' }] }],
  routes: [{ source: 'a', dest: 'b' }],
};

describe('configuration', () => {
  test('defaults need no tuning', () => {
    const config = parseProofApiConfig(base);
    assert.equal(config.attestorTimeoutMs, 4_000);
    assert.equal(config.finalityWaitMs, 2_000);
  });

  test('all problems are told at once, with their paths', () => {
    const broken = {
      ...base,
      listenAdress: 'x',
      sources: [
        {
          chain: 'a',
          attestors: [
            { name: 'one', address: '127.0.0.1:8080' },
            { name: 'one', address: '127.0.0.1:8080' },
          ],
        },
        { chain: 'a', attestors: [{ name: 'two', address: 'https://user:pass@host' }] },
      ],
      routes: [
        { source: 'a', dest: 'a' },
        { source: 'c', dest: 'b' },
        { source: 'c', dest: 'b' },
      ],
      attestorTimeoutMs: 0,
    };
    assert.throws(
      () => parseProofApiConfig(broken),
      failsWith('proof-api/config-invalid', /listenAdress/, /attestorTimeoutMs/, /sources\.1\.attestors\.0\.address/),
    );
    const { listenAdress: _, attestorTimeoutMs: __, ...rest } = broken;
    const [first, second] = rest.sources;
    const sources = [first, { ...second, attestors: [{ name: 'two', address: 'h:1' }] }];
    assert.throws(
      () => parseProofApiConfig({ ...rest, sources }),
      failsWith(
        'proof-api/config-invalid',
        /sources\.1\.chain: source a is listed twice/,
        /sources\.0\.attestors\.1\.name: attestor one is listed twice/,
        /sources\.0\.attestors\.1\.address/,
        /routes\.0\.dest: a route needs two different chains/,
        /routes\.1\.source: no attestors are listed for c/,
        /routes\.2: route c -> b is listed twice/,
      ),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRelayerConfig } from '../src/config.ts';
import { RelayerError } from '../src/errors.ts';

const minimal = {
  storePath: ':memory:',
  chains: [{ chainId: '1' }, { chainId: '2' }],
  routes: [
    {
      ends: [
        { chainId: '1', clientId: 'a' },
        { chainId: '2', clientId: 'b' },
      ],
    },
  ],
};

const problemsOf = (value: unknown): string => {
  try {
    parseRelayerConfig(value);
  } catch (error) {
    assert.ok(error instanceof RelayerError && error.code === 'relayer/invalid-config');
    return error.message;
  }
  return '';
};

describe('configuration', () => {
  test('needs little, and fills in the rest', () => {
    const config = parseRelayerConfig({
      ...minimal,
      chains: [{ chainId: '1', startHeight: '18446744073709551615' }, { chainId: '2' }],
    });
    assert.equal(config.routes[0]?.id, '1/a:2/b');
    assert.equal(config.chains[0]?.startHeight, 2n ** 64n - 1n);
    assert.deepEqual(config.batch.timeout, { maxPackets: 100, maxWaitMs: 0 });
    assert.equal(config.maxAttempts, 10);
  });

  test('peers.md #16: unknown keys are errors, and all problems are told at once with their paths', () => {
    const text = problemsOf({ ...minimal, storePath: '', maxAtempts: 3, batch: { receive: { maxPackets: 101 } } });
    for (const part of ['storePath', 'maxAtempts', 'batch.receive.maxPackets']) assert.match(text, new RegExp(part));
  });

  test('routes fit the chains and each other', () => {
    const [route] = minimal.routes;
    assert.match(problemsOf({ ...minimal, chains: [{ chainId: '1' }] }), /chain 2 is not configured/);
    assert.match(problemsOf({ ...minimal, chains: [...minimal.chains, { chainId: '1' }] }), /duplicate chain/);
    assert.match(problemsOf({ ...minimal, routes: [route, route] }), /client belongs to two routes/);
    const same = [
      {
        ends: [
          { chainId: '1', clientId: 'a' },
          { chainId: '1', clientId: 'b' },
        ],
      },
    ];
    assert.match(problemsOf({ ...minimal, routes: same }), /same chain/);
    assert.match(problemsOf({}), /storePath.*chains.*routes/);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AttestationError } from '@interchain-attestation/core';
import { createLogger, redactText, redactUrl, sanitize } from '../src/index.ts';

const collect = () => {
  const lines: string[] = [];
  const logger = createLogger({ name: 'attestor', level: 'debug', destination: { write: (line) => lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, never> };
};

describe('redaction', () => {
  test('peers.md #8: a URL is shown as its origin, wherever it stands', () => {
    const url = 'https://user:pass@rpc.example.com:8545/v2/0a1b2c3d?key=abc#x';
    assert.equal(redactUrl(url), 'https://rpc.example.com:8545');
    assert.equal(redactUrl('wss://x.example/key'), 'wss://x.example');
    assert.equal(redactUrl('not a url'), '[redacted]');
    assert.equal(redactUrl('file:///etc/key'), 'file://[redacted]');
    assert.equal(redactText(`fetch ${url} failed`), 'fetch https://rpc.example.com:8545 failed');
    assert.equal(redactText('authorization: Bearer abcdef.012345'), 'authorization: Bearer [redacted]');
    const { logger, lines } = collect();
    logger.info({ url, list: [url], deep: { at: new URL(url) }, err: new Error(url, { cause: url }) }, `see ${url}`);
    logger.child({ url }).warn(`again ${url}`);
    assert.doesNotMatch(lines.join(''), /user:pass|0a1b2c3d|key=abc/);
    assert.match(lines.join(''), /rpc\.example\.com/);
  });

  test('fields with secret names lose their value, and hashes stay', () => {
    const hash = `0x${'ab'.repeat(32)}`;
    const out = sanitize({
      privateKey: hash,
      private_key: hash,
      keystorePassword: 'x',
      apiKey: 'x',
      headers: { Authorization: 'x', 'x-api-key': 'y' },
      accessToken: 'x',
      mnemonic: 'x',
      txHash: hash,
      token: 'USDC',
    });
    assert.deepEqual(out, {
      privateKey: '[redacted]',
      private_key: '[redacted]',
      keystorePassword: '[redacted]',
      apiKey: '[redacted]',
      headers: { Authorization: '[redacted]', 'x-api-key': '[redacted]' },
      accessToken: '[redacted]',
      mnemonic: '[redacted]',
      txHash: hash,
      token: 'USDC',
    });
  });
});

describe('lines', () => {
  test('one JSON object a line: level, time, service, fields, message; bigint as decimal string, bytes as hex', () => {
    const { logger, last, lines } = collect();
    logger.child({ chainId: '1' }).info({ height: 2n ** 64n - 1n, hash: Uint8Array.of(0xab) }, 'attested');
    const line = last() as Record<string, unknown>;
    assert.equal(lines.length, 1);
    assert.match(String(line.time), /^\d{4}-\d\d-\d\dT/);
    delete line.time;
    assert.deepEqual(line, {
      level: 'info',
      service: 'attestor',
      chainId: '1',
      height: '18446744073709551615',
      hash: '0xab',
      msg: 'attested',
    });
  });

  test('an error is written with its code and facts, its causes once each, a stack only for accidents', () => {
    const { logger, last } = collect();
    const inner = new Error('inner');
    const middle = new AttestationError('a/b', 'middle', { cause: inner, meta: { limit: 5n } });
    (inner as { cause?: unknown }).cause = middle;
    logger.error({ err: new AttestationError('c/d', 'outer', { cause: middle }) }, 'failed');
    assert.deepEqual(last().err, {
      name: 'AttestationError',
      message: 'outer',
      code: 'c/d',
      causes: [
        { name: 'AttestationError', message: 'middle', code: 'a/b', meta: { limit: '5' } },
        { name: 'Error', message: 'inner' },
      ],
    });
    logger.error(inner, 'accident');
    assert.match((last() as { err?: { stack?: string } }).err?.stack ?? '', /logger\.test\.ts/);
  });

  test('lines below the level are not written, and odd values do no harm', () => {
    const { logger, lines } = collect();
    logger.trace('nothing');
    assert.equal(lines.length, 0);
    const cyclic: Record<string, unknown> = { big: Array.from({ length: 60 }, (_, i) => i), fn: () => {}, none: null };
    cyclic.self = cyclic;
    logger.info(cyclic, 'odd');
    assert.match(lines[0] ?? '', /10 more.*\[deep\]/);
  });
});

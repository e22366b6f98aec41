import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { proofApi } from '@interchain-attestation/proto';
import { createLocalClient } from '@interchain-attestation/service';
import * as api from '../src/index.ts';
import { startHarness } from './support/harness.ts';

test('the example of the README runs', async () => {
  const text = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(text)?.[1];
  assert.ok(code);
  const harness = await startHarness({ n: 1, m: 1 });
  try {
    const body = code
      .replace(/^import .*$/gm, '')
      .replace("'127.0.0.1:9090'", "'127.0.0.1:0'")
      .concat('\nreturn metadata;');
    const names = { ...api, proofApi, createLocalClient, chains: [harness.portsA, harness.portsB] };
    const run = new Function(...Object.keys(names), `return (async () => {${body}})()`);
    const metadata: Record<string, string> = await run(...Object.values(names));
    assert.equal(metadata.attestors, '1');
  } finally {
    await harness.close();
  }
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as proofApi from '../src/index.ts';
import { startHarness } from './support/harness.ts';

test('the example of the README runs', async () => {
  const text = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(text)?.[1];
  assert.ok(code);
  const harness = await startHarness({ n: 1, m: 1 });
  try {
    const body = code
      .replace(/^import .*$/m, '')
      .replace("'127.0.0.1:9090'", "'127.0.0.1:0'")
      .concat('\nreturn metadata;');
    const run = new Function('parseProofApiConfig', 'startProofApi', 'chains', `return (async () => {${body}})()`);
    const chains = [harness.portsA, harness.portsB];
    const metadata: Record<string, string> = await run(proofApi.parseProofApiConfig, proofApi.startProofApi, chains);
    assert.equal(metadata.attestors, '1');
  } finally {
    await harness.close();
  }
});

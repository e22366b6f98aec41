import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseConfig } from '../src/config/load.ts';
import { EXIT } from '../src/output/exit-codes.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

test('the configuration of the README is one', () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const config = parseConfig(yaml, '/etc/attest.yaml', { ALPHA_KEY: 'k' });
  assert.deepEqual(Object.keys(config.chains), ['alpha', 'beta']);
});

test('the README documents every exit code', () => {
  const documented = [...readme.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
  assert.deepEqual(documented, Object.values(EXIT));
});

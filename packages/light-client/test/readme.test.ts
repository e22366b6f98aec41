import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { verdicts } from './readme-example.ts';

test('the example in the README is the one that runs here', () => {
  const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
  const example = read('./readme-example.ts').replace('export const verdicts: string[]', 'const verdicts');
  assert.ok(read('../README.md').includes(`\`\`\`ts\n${example}\`\`\``), 'README.md and test/readme-example.ts differ');
  assert.deepEqual(verdicts.slice(0, 3), ['accepted', 'accepted', 'accepted']);
  assert.match(verdicts[3] ?? '', /^NotVerifiedInTransaction: the proof is empty/);
});

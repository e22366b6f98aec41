import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeAttestationProof } from '@interchain-attestation/core';
import { proof } from './readme-example.ts';

test('the example in the README is the one that runs here', () => {
  const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
  const example = read('./readme-example.ts').replace('export const proof: Uint8Array', 'const proof');
  assert.ok(read('../README.md').includes(`\`\`\`ts\n${example}\`\`\``), 'README.md and test/readme-example.ts differ');
  assert.equal(decodeAttestationProof(proof).signatures.length, 2);
});

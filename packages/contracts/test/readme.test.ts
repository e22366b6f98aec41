import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAttestors } from '../bench/support/attestors.ts';
import { sender, startChain } from '../bench/support/chain.ts';
import { packageRoot } from '../scripts/solc-input.ts';
import { deployClient } from './readme-example.ts';

test('the example of the README is this file, and works', async () => {
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  assert.ok(readme.includes(readFileSync(join(packageRoot, 'test', 'readme-example.ts'), 'utf8')));
  const chain = await startChain();
  try {
    const [a = sender, b = sender, c = sender] = createAttestors(2, 3).addresses;
    const { takesEmptyProofs } = await deployClient(chain.client, sender, [a, b, c]);
    assert.equal(takesEmptyProofs, true);
  } finally {
    await chain.stop();
  }
});

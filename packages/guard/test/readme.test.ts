import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryDirectory } from './support/fixture.ts';

test('the example of the README runs and prints what it says', async (t) => {
  const file = path.join(import.meta.dirname, 'readme-example.ts');
  const readme = fs.readFileSync(path.join(import.meta.dirname, '..', 'README.md'), 'utf8');
  assert.ok(readme.includes(`\`\`\`ts\n${fs.readFileSync(file, 'utf8')}\`\`\``), 'README shows another example');
  const guard = path.join(temporaryDirectory(t), 'guard.db');
  const { stdout } = await promisify(execFile)(process.execPath, [file, guard]);
  assert.equal(stdout, 'on disk: may be signed\nblock-hash stopped\n');
});

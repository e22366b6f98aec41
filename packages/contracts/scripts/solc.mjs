#!/usr/bin/env node
// The npm package `solc` as the compiler that forge runs. Forge asks for `--version` before each run, which must not
// cost the second that loading the compiler takes; otherwise it sends standard JSON to stdin.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
if (process.argv.includes('--version')) {
  const { version } = require('solc/package.json');
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}+commit.00000000.npm`);
} else {
  process.stdout.write(require('solc').compile(readFileSync(0, 'utf8')));
}

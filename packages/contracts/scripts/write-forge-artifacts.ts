/** Writes the committed bytecodes to `cache/artifacts/`, where the tests in Solidity read them with `vm.getCode`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as artifacts from '../src/artifacts.ts';
import { packageRoot } from './solc-input.ts';

export function writeForgeArtifacts(): void {
  const folder = join(packageRoot, 'cache', 'artifacts');
  mkdirSync(folder, { recursive: true });
  for (const [name, { abi, bytecode }] of Object.entries(artifacts)) {
    const file = join(folder, `${name.replace(/Artifact$/, '')}.json`);
    writeFileSync(file, JSON.stringify({ abi, bytecode: { object: bytecode } }));
  }
}

if (import.meta.main) writeForgeArtifacts();

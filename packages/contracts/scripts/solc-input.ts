import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One contract to be compiled and exported: the constant's name is derived from `contract`. */
export interface Target {
  readonly source: string;
  readonly contract: string;
}

export interface SolcInput {
  readonly language: 'Solidity';
  readonly sources: Record<string, { content: string }>;
  readonly settings: Record<string, unknown>;
}

/** `packages/contracts`. */
export const packageRoot: string = dirname(dirname(fileURLToPath(import.meta.url)));

const oz = '@openzeppelin/contracts';

export const targets: readonly Target[] = [
  { source: 'contracts/light-client/AttestationLightClient.sol', contract: 'AttestationLightClient' },
  { source: 'contracts/ICS26Router.sol', contract: 'ICS26Router' },
  { source: 'contracts/ICS20Transfer.sol', contract: 'ICS20Transfer' },
  { source: 'contracts/transfer/Escrow.sol', contract: 'Escrow' },
  { source: 'contracts/transfer/IBCERC20.sol', contract: 'IBCERC20' },
  { source: `${oz}/access/manager/AccessManager.sol`, contract: 'AccessManager' },
  { source: `${oz}/proxy/ERC1967/ERC1967Proxy.sol`, contract: 'ERC1967Proxy' },
  { source: 'contracts/test/TestERC20.sol', contract: 'TestERC20' },
  { source: 'contracts/test/MinimalApp.sol', contract: 'MinimalApp' },
  { source: 'contracts/test/GasProbe.sol', contract: 'GasProbe' },
];

/**
 * Compiler settings of everything that is deployed. `cancun` is the oldest EVM with transient storage, so the code
 * runs on every chain that the light client can run on. No metadata hash: equal sources give equal bytes.
 */
export const settings: Record<string, unknown> = {
  evmVersion: 'cancun',
  viaIR: true,
  optimizer: { enabled: true, runs: 1_000_000 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};

/** Collects the targets' sources and all that they import into one standard JSON input, in a stable order. */
export function createSolcInput(): SolcInput {
  const sources = new Map<string, string>();
  const pending = targets.map((target) => target.source);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (sources.has(name)) continue;
    const content = readFileSync(resolveSource(name), 'utf8');
    sources.set(name, content);
    for (const imported of importsOf(content)) {
      pending.push(imported.startsWith('.') ? posix.join(posix.dirname(name), imported) : imported);
    }
  }
  const sorted = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    language: 'Solidity',
    sources: Object.fromEntries(sorted.map(([name, content]) => [name, { content }])),
    settings: {
      ...settings,
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
}

/** SHA-256 over everything that determines the compiler's output: sources, settings and the compiler's version. */
export function hashSolcInput(input: SolcInput): string {
  return createHash('sha256').update(solcVersion()).update(JSON.stringify(input)).digest('hex');
}

/** The version of the pinned npm package `solc`. */
export function solcVersion(): string {
  const path = join(nodeModules('solc'), 'solc', 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

function importsOf(content: string): string[] {
  return [...content.matchAll(/^\s*(?:import|\})[^;]*?from\s+"([^"]+)";|^\s*import\s+"([^"]+)";/gms)].map(
    (match) => (match[1] ?? match[2]) as string,
  );
}

function resolveSource(name: string): string {
  return name.startsWith('@') ? join(nodeModules(name), name) : join(packageRoot, name);
}

function nodeModules(name: string): string {
  for (let folder = packageRoot; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules');
    if (existsSync(join(candidate, name))) return candidate;
    if (folder === dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

/** The compiler, loaded on demand: it takes a second and 100 MB. */
export function loadSolc(): { compile(input: string): string; version(): string } {
  return createRequire(import.meta.url)('solc') as { compile(input: string): string; version(): string };
}

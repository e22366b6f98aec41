import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program whose source stands in this repository. */
interface LocalProgram {
  readonly kind: 'local';
  /** Folder with go.mod. */
  readonly module: string;
  /** Folder of the command below it. */
  readonly folder: string;
  readonly version: string;
}

/** A program that others publish, at a fixed version. */
interface PublishedProgram {
  readonly kind: 'published';
  readonly path: string;
  readonly version: string;
}

export type GoProgramSource = LocalProgram | PublishedProgram;
export type GoProgramName = 'ibc-go-oracle' | 'ibc-go-chain' | 'geth' | 'cometbft';

const ibcGo = (folder: string): LocalProgram => ({
  kind: 'local',
  module: join(import.meta.dirname, '../../../conformance/ibc-go'),
  folder,
  version: 'v11.2.0',
});

/** Every Go program that this repository compares with or runs against. */
export const PROGRAMS: Readonly<Record<GoProgramName, GoProgramSource>> = {
  /** Answers what ibc-go makes of a message. */
  'ibc-go-oracle': ibcGo('oracle'),
  /** ibc-go's test application as a chain. */
  'ibc-go-chain': ibcGo('chain'),
  geth: { kind: 'published', path: 'github.com/ethereum/go-ethereum/cmd/geth', version: 'v1.17.5' },
  cometbft: { kind: 'published', path: 'github.com/cometbft/cometbft/cmd/cometbft', version: 'v0.38.25' },
};

/** Hash of all that a build reads from this repository; empty for a published program, whose version says it all. */
export const hashSource = (source: GoProgramSource): string => {
  if (source.kind === 'published') return '';
  const hash = createHash('sha256');
  const files = [...globSync(`${source.folder}/**/*.go`, { cwd: source.module }).sort(), ...['go.mod', 'go.sum']];
  for (const file of files) {
    hash.update(`${file}\0`).update(readFileSync(join(source.module, file)));
  }
  return hash.digest('hex');
};

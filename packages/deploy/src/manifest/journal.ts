import type { Hex } from '@interchain-attestation/core';
import { assertNoDifference, type Difference } from '../errors.ts';
import { readManifest, writeManifest } from './file.ts';
import type { Manifest } from './schema.ts';

/** The manifest of one chain, in memory and on disk alike. */
export interface Journal {
  readonly file: string;
  readonly manifest: Manifest;
  /** Replaces fields, durably unless it is a dry run. */
  update(change: Partial<Manifest>): Promise<void>;
}

/**
 * Opens the manifest of a chain, or begins one.
 * @throws DeployError `deploy/manifest-invalid`, `deploy/conflict` when it belongs to another chain
 */
export const openJournal = async (
  file: string,
  identity: { readonly chainId: number; readonly genesisHash: Hex },
  dryRun: boolean,
): Promise<Journal> => {
  const found = await readManifest(file);
  const wanted = { chainId: String(identity.chainId), genesisHash: identity.genesisHash };
  if (found !== undefined) {
    const details: Difference[] = (['chainId', 'genesisHash'] as const)
      .filter((field) => found[field] !== wanted[field])
      .map((field) => ({ field, wanted: wanted[field], found: found[field], where: 'manifest' }));
    assertNoDifference(`${file} belongs to another chain`, details);
  }
  let manifest: Manifest = found ?? { version: 1, ...wanted, contracts: {}, clients: {} };
  return {
    file,
    get manifest() {
      return manifest;
    },
    update: async (change) => {
      manifest = { ...manifest, ...change };
      if (!dryRun) await writeManifest(file, manifest);
    },
  };
};

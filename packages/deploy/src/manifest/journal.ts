import { assertNoDifference, type Difference } from '../errors.ts';
import { readManifest, writeManifest } from './file.ts';
import type { AnyManifest, Manifest } from './schema.ts';

/** The manifest of one chain, in memory and on disk alike. */
export interface Journal<M extends AnyManifest = Manifest> {
  readonly file: string;
  readonly manifest: M;
  /** Replaces fields, durably unless it is a dry run. */
  update(change: Partial<M>): Promise<void>;
}

const kindOf = ({ kind }: AnyManifest): 'evm' | 'cosmos' => kind ?? 'evm';

/**
 * Opens the manifest of a chain, or begins one.
 * @param fresh what a manifest of this chain begins with
 * @throws DeployError `deploy/manifest-invalid`, `deploy/conflict` when it belongs to another chain
 */
export const openJournal = async <M extends AnyManifest>(
  file: string,
  fresh: M,
  dryRun: boolean,
): Promise<Journal<M>> => {
  const found = await readManifest(file);
  if (found !== undefined) {
    const compared = (manifest: AnyManifest) => ({ ...manifest, kind: kindOf(manifest) });
    const [wanted, is] = [compared(fresh), compared(found)];
    const details: Difference[] = (['kind', 'chainId', 'genesisHash'] as const)
      .filter((field) => is[field] !== wanted[field])
      .map((field) => ({ field, wanted: wanted[field], found: is[field], where: 'manifest' }));
    assertNoDifference(`${file} belongs to another chain`, details);
  }
  // Of the same kind as `fresh`, or there was a difference.
  let manifest = (found ?? fresh) as M;
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

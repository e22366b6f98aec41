import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeployError } from '../errors.ts';
import { type AnyManifest, type Manifest, manifestSchema } from './schema.ts';

/** File of a chain's manifest. */
export const manifestFile = (directory: string, chainName: string): string => join(directory, `${chainName}.json`);

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/**
 * Reads a manifest; undefined when there is none yet.
 * @throws DeployError `deploy/manifest-invalid`
 */
export const readManifest = async (file: string): Promise<AnyManifest | undefined> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new DeployError('deploy/manifest-invalid', `${file}: ${(error as Error).message}`, { cause: error });
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'a field is missing, unknown or malformed';
    throw new DeployError('deploy/manifest-invalid', `${file} is no manifest: ${reason}`, { cause: error });
  }
};

/**
 * Reads the manifest of an EVM chain; undefined when there is none yet.
 * @throws DeployError `deploy/manifest-invalid`, also for that of a Cosmos chain
 */
export const readEvmManifest = async (file: string): Promise<Manifest | undefined> => {
  const manifest = await readManifest(file);
  if (manifest?.kind !== 'cosmos') return manifest;
  throw new DeployError('deploy/manifest-invalid', `${file} is the manifest of a Cosmos chain`);
};

/** Writes all of it or nothing: to a file beside it first, flushed, then renamed. */
export const writeManifest = async (file: string, manifest: AnyManifest): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  const next = `${file}.${process.pid}.tmp`;
  const handle = await open(next, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, file);
  const directory = await open(dirname(file), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ChainError } from '../errors.ts';
import type { Signer } from '../ports.ts';
import { loadKeystore } from './keystore.ts';

const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

/**
 * Writes a keystore readable by its owner only (0600), whole or not at all: written beside, flushed, then put in place.
 * @param options.overwrite replace an existing file; without it an existing file is an error and stays as it is
 * @throws ChainError `keystore/invalid` when the file exists; errors of the file system as they are
 */
export const writeKeystoreFile = async (
  path: string,
  json: string,
  options: { readonly overwrite?: boolean } = {},
): Promise<void> => {
  const temporary = `${path}.${process.pid}.${Date.now()}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    try {
      await file.writeFile(`${json}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    // link, unlike rename, fails when the target exists: nothing is checked first and then raced.
    if (options.overwrite === true) await rename(temporary, path);
    else await link(temporary, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new ChainError('keystore/invalid', `${path} exists already, it is not overwritten`, {
        meta: { path },
        cause,
      });
    }
    throw cause;
  } finally {
    await unlink(temporary).catch(() => {});
  }
  await syncDirectory(dirname(path));
};

/**
 * Loads the signer of a keystore file.
 * @throws ChainError `keystore/invalid` (also when the file cannot be read), `keystore/unsupported`,
 * `keystore/wrong-password`
 */
export const loadKeystoreFile = async (path: string, password: string): Promise<Signer> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ChainError('keystore/invalid', `cannot read keystore ${path}: ${(cause as Error).message}`, {
      meta: { path },
      cause,
    });
  }
  return loadKeystore(text, password);
};

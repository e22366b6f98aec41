import { readFile } from 'node:fs/promises';
import { loadKeystoreFile, type PasswordSource, readPassword, type Signer } from '@interchain-attestation/chains';
import { type Address, isAttestationError, parseAddress } from '@interchain-attestation/core';
import { ConfigError } from './config/error.ts';
import type { AttestConfig, MnemonicSignerEntry } from './config/types.ts';
import type { CommandContext } from './context.ts';
import { CliError } from './output/errors.ts';

type KeyContext = Pick<CommandContext, 'env' | 'stdin' | 'stderr'>;

/**
 * A password from where it was said to be, or from the user when somebody sits there.
 * @throws CliError `cli/password-missing`
 */
export const askPassword = async (
  { env, stdin, stderr }: KeyContext,
  source: Exclude<PasswordSource, { prompt: string }> | undefined,
  question: string,
): Promise<string> => {
  if (source === undefined && (stdin.isTTY !== true || stderr.isTTY !== true)) {
    throw new CliError(
      'cli/password-missing',
      'no password: name a file or an environment variable, or run on a terminal',
    );
  }
  try {
    return await readPassword(source ?? { prompt: question }, env as NodeJS.ProcessEnv);
  } catch (cause) {
    if (isAttestationError(cause) && cause.code.startsWith('cli/')) throw cause;
    throw new CliError('cli/password-missing', (cause as Error).message, { cause });
  }
};

/** Address that a key file names, without its password; undefined when it names none. */
export const readKeystoreAddress = async (file: string): Promise<Address | undefined> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw new CliError('cli/file-unreadable', `key file ${file}: ${reason}`, { cause });
  }
  try {
    const { address } = JSON.parse(text) as { address?: unknown };
    if (typeof address !== 'string') return undefined;
    return parseAddress(`0x${address.replace(/^0x/, '').toLowerCase()}`);
  } catch {
    // Whoever decrypts it says what is wrong with it.
    return undefined;
  }
};

/** @throws ChainError `keystore/wrong-password`, `keystore/invalid`, `keystore/unsupported` */
export const unlock = (file: string, password: string): Promise<Signer> => loadKeystoreFile(file, password);

/** The signer of a mnemonic. @throws CliError `cli/mnemonic-missing`, ChainError `keystore/invalid`, `chain/invalid-input` */
const fromMnemonic = async ({ env }: KeyContext, name: string, entry: MnemonicSignerEntry): Promise<Signer> => {
  const { mnemonic, hdPath } = entry;
  let words: string | undefined;
  if ('env' in mnemonic) words = env[mnemonic.env];
  else {
    words = await readFile(mnemonic.file, 'utf8').catch((cause: Error) => {
      throw new CliError('cli/mnemonic-missing', `signer ${name}: ${cause.message}`, { cause });
    });
  }
  if (words === undefined || words.trim() === '') {
    const place = 'env' in mnemonic ? `environment variable ${mnemonic.env}` : mnemonic.file;
    throw new CliError('cli/mnemonic-missing', `signer ${name}: ${place} holds no mnemonic`);
  }
  const { signerFromMnemonic } = await import('@interchain-attestation/chains/cosmos');
  return signerFromMnemonic(words, hdPath);
};

/** The signers of a configuration. */
export interface Keyring {
  /** @throws CliError `cli/password-missing`, `cli/mnemonic-missing`, ChainError `keystore/...` */
  signer(name: string): Promise<Signer>;
  /** Without the password where the file names its address. */
  address(name: string): Promise<Address>;
  /** True when nobody has to be asked for the password. */
  unattended(name: string): boolean;
}

/** Decrypts signers of the configuration, each once; the same prompt is not shown twice. */
export const createKeyring = (context: KeyContext, config: AttestConfig): Keyring => {
  const unlocked = new Map<string, Promise<Signer>>();
  const entryOf = (name: string): AttestConfig['signers'][string] => {
    const entry = config.signers[name];
    if (entry === undefined) throw new CliError('cli/usage', `no signer is called ${name}`);
    return entry;
  };
  const signer = (name: string): Promise<Signer> => {
    const known = unlocked.get(name);
    if (known !== undefined) return known;
    const entry = entryOf(name);
    const work =
      'mnemonic' in entry
        ? fromMnemonic(context, name, entry)
        : askPassword(context, entry.password, `Password for signer ${name}: `).then((text) =>
            unlock(entry.keystore, text),
          );
    unlocked.set(name, work);
    return work;
  };
  return {
    signer,
    unattended: (name) => {
      const entry = entryOf(name);
      return 'mnemonic' in entry || entry.password !== undefined;
    },
    address: async (name) => {
      const entry = entryOf(name);
      const named = 'mnemonic' in entry ? undefined : await readKeystoreAddress(entry.keystore);
      return named ?? (await signer(name)).address;
    },
  };
};

/** The signer of an attestor, which must be the one that the configuration names. @throws ConfigError `config/address-mismatch` */
export const attestorSigner = async (
  keyring: { signer(name: string): Promise<Signer> },
  config: AttestConfig,
  name: string,
): Promise<Signer> => {
  const entry = config.attestors[name];
  if (entry?.signer === undefined) throw new CliError('cli/usage', `attestor ${name} has no signer in this file`);
  const signer = await keyring.signer(entry.signer);
  if (signer.address !== entry.address) {
    const message = `the key of signer ${entry.signer} is ${signer.address}, but the attestor is to be ${entry.address}`;
    throw new ConfigError(config.file, [
      { code: 'config/address-mismatch', path: `attestors.${name}.address`, message },
    ]);
  }
  return signer;
};

import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createKeystore, writeKeystoreFile } from '@interchain-attestation/chains';
import { hexToBytes, parseAddress, privateKeyToAddress } from '@interchain-attestation/core';
import type { CommandContext } from '../context.ts';
import { askPassword, readKeystoreAddress, unlock } from '../keys.ts';
import { CliError } from '../output/errors.ts';
import { examples, type Register } from './group.ts';

interface PasswordOptions {
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
  readonly force?: boolean;
}

const passwordFrom = async (context: CommandContext, options: PasswordOptions, question: string): Promise<string> => {
  if (options.passwordFile !== undefined && options.passwordEnv !== undefined) {
    throw new CliError('cli/usage', '--password-file and --password-env exclude each other');
  }
  const source =
    options.passwordFile !== undefined
      ? { file: context.path(options.passwordFile) }
      : options.passwordEnv !== undefined
        ? { env: options.passwordEnv }
        : undefined;
  return askPassword(context, source, question);
};

const store = async (
  context: CommandContext,
  file: string,
  key: Uint8Array,
  options: PasswordOptions,
): Promise<void> => {
  const path = context.path(file);
  const password = await passwordFrom(context, options, `New password for ${file}: `);
  const json = await context.output.progress('encrypting the key', () => createKeystore(key, password));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeKeystoreFile(path, json, { overwrite: options.force === true });
  const address = privateKeyToAddress(key);
  context.output.pairs([
    ['address', address],
    ['file', path],
  ]);
  context.output.result({ ok: true, address, file: path });
};

const readKey = async (context: CommandContext, from: string | undefined): Promise<Uint8Array> => {
  let text = '';
  if (from === undefined) for await (const chunk of context.stdin) text += String(chunk);
  else {
    text = await readFile(context.path(from), 'utf8').catch((cause: Error) => {
      throw new CliError('cli/file-unreadable', `${from}: ${cause.message}`, { cause });
    });
  }
  const hex = text.trim().replace(/^0x/i, '');
  // The text stays out of the message: it is, nearly, a key.
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) throw new CliError('cli/usage', 'expected a private key of 64 hex digits');
  return hexToBytes(`0x${hex.toLowerCase()}`);
};

export const registerKeys: Register = (program, act) => {
  const keys = program.command('keys').description('keys of attestors, deployers and relayers (Ethereum V3 key files)');
  keys
    .command('generate <file>')
    .description('make a new key and write it to a key file, readable by its owner only')
    .option('--password-file <file>', 'file with the password')
    .option('--password-env <name>', 'environment variable with the password')
    .option('--force', 'overwrite the file')
    .addHelpText('after', examples(['attest keys generate keys/alpha-1.json --password-file keys/password']))
    .action(
      act<PasswordOptions>(async (context, options, [file = '']) => {
        await store(context, file, randomBytes(32), options);
        return undefined;
      }),
    );
  keys
    .command('import <file>')
    .description('write an existing private key (hex, from standard input or a file) to a key file')
    .option('--from <file>', 'file with the private key; standard input when absent')
    .option('--password-file <file>', 'file with the password')
    .option('--password-env <name>', 'environment variable with the password')
    .option('--force', 'overwrite the file')
    .addHelpText('after', examples(['attest keys import keys/relayer.json --password-env PASSWORD < relayer.hex']))
    .action(
      act<PasswordOptions & { from?: string }>(async (context, options, [file = '']) => {
        if (options.from === undefined && options.passwordFile === undefined && options.passwordEnv === undefined) {
          throw new CliError(
            'cli/usage',
            'with the key on standard input, the password comes from --password-file or --password-env',
          );
        }
        await store(context, file, await readKey(context, options.from), options);
        return undefined;
      }),
    );
  keys
    .command('show <file>')
    .description('print the address of a key file; --unlock also checks the password')
    .option('--unlock', 'decrypt the file, compare the key with the address that it names, and show its Cosmos account')
    .option('--bech32-prefix <prefix>', 'of the Cosmos account', 'cosmos')
    .option('--password-file <file>', 'file with the password')
    .option('--password-env <name>', 'environment variable with the password')
    .addHelpText(
      'after',
      examples(['attest keys show keys/alpha-1.json', 'attest keys show keys/alpha-1.json --unlock --json']),
    )
    .action(
      act<PasswordOptions & { unlock?: boolean; bech32Prefix: string }>(async (context, options, [file = '']) => {
        const path = context.path(file);
        const named = await readKeystoreAddress(path);
        let address = named;
        // A key file names no public key, without which there is no address of Cosmos.
        let cosmos: string | undefined;
        if (options.unlock === true || named === undefined) {
          const password = await passwordFrom(context, options, `Password for ${file}: `);
          const signer = await context.output.progress('decrypting the key', () => unlock(path, password));
          address = signer.address;
          const { cosmosAddress } = await import('@interchain-attestation/chains/cosmos');
          cosmos = cosmosAddress(signer.publicKey, options.bech32Prefix);
        }
        const checked = address === undefined ? '' : parseAddress(address);
        context.output.pairs([
          ['address', checked],
          ...(cosmos === undefined ? [] : ([['on Cosmos', cosmos]] as const)),
          ['unlocked', cosmos === undefined ? 'no' : 'yes'],
        ]);
        context.output.result({ ok: true, address: checked, ...(cosmos === undefined ? {} : { cosmos }), file: path });
        return undefined;
      }),
    );
};

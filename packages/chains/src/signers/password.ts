import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { ChainError } from '../errors.ts';

/** Where a keystore password comes from. */
export type PasswordSource =
  | { readonly file: string }
  /** Name of the environment variable. */
  | { readonly env: string }
  | { readonly prompt: string };

const prompt = (question: string): Promise<string> => {
  if (process.stdin.isTTY !== true) {
    throw new ChainError(
      'chain/invalid-input',
      'no terminal to ask for the password: give a password file or variable',
    );
  }
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    const end = (): void => {
      lines.close();
      process.stderr.write('\n');
    };
    lines.once('SIGINT', () => {
      end();
      reject(new ChainError('chain/invalid-input', 'password prompt cancelled'));
    });
    lines.question('', (answer) => {
      end();
      resolve(answer);
    });
  });
};

const read = async (source: PasswordSource, env: NodeJS.ProcessEnv): Promise<string> => {
  if ('prompt' in source) return prompt(source.prompt);
  if ('env' in source) return env[source.env] ?? '';
  try {
    // Editors and `echo` end a file with a newline that is not part of the password.
    return (await readFile(source.file, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new ChainError('chain/invalid-input', `cannot read password file: ${(cause as Error).message}`, { cause });
  }
};

/**
 * Reads a password from a file, an environment variable or the terminal (without echo).
 * @throws ChainError `chain/invalid-input` when there is none, or an empty one
 */
export const readPassword = async (source: PasswordSource, env: NodeJS.ProcessEnv = process.env): Promise<string> => {
  const password = await read(source, env);
  if (password !== '') return password;
  const where = 'env' in source ? `variable ${source.env}` : 'file' in source ? `file ${source.file}` : 'prompt';
  throw new ChainError('chain/invalid-input', `the password from ${where} is empty`, { meta: { where } });
};

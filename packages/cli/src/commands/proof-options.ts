import { readFile } from 'node:fs/promises';
import type { CommandContext } from '../context.ts';
import { CliError } from '../output/errors.ts';
import { type DescribedClient, describeClient, parseClientState } from '../services/client-state-input.ts';
import { parseBytes, parseHex } from '../services/parse-bytes.ts';
import { PROFILE_NAMES, type ProfileName } from '../services/profile.ts';
import { readTransaction } from '../services/read-transaction.ts';

/** Options of `proof inspect`. */
export interface InspectOptions {
  readonly client?: string;
  readonly on?: string;
  readonly tx?: string;
  readonly clientState?: string;
  readonly attestor?: readonly string[];
  readonly quorum?: string;
  readonly latestHeight?: string;
  readonly frozen?: boolean;
  readonly timestamp?: readonly string[];
  readonly profile?: readonly string[];
}

const readBytes = async (context: CommandContext, file: string): Promise<Buffer> =>
  readFile(context.path(file)).catch((cause: Error) => {
    throw new CliError('cli/file-unreadable', `${file}: ${cause.message}`, { cause });
  });

/** The bytes to inspect. */
export const readInput = async (
  context: CommandContext,
  input: string | undefined,
  options: InspectOptions,
): Promise<Uint8Array> => {
  if (options.tx !== undefined) {
    if (options.on === undefined)
      throw new CliError('cli/usage', '--tx needs --on: the chain that holds the transaction');
    const config = await context.config();
    const { tx, on } = options;
    return context.output.progress(`asking ${on}`, () => readTransaction(config, on, tx));
  }
  if (input === undefined || input === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of context.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
    return parseBytes(Buffer.concat(chunks));
  }
  return /^0x/i.test(input) ? parseHex(input) : parseBytes(await readBytes(context, input));
};

/** Profiles by name; undefined when none is named. @throws CliError `cli/usage` */
export const readProfiles = (names: readonly string[] | undefined): readonly ProfileName[] | undefined => {
  if (names === undefined) return undefined;
  if (names.includes('all')) return PROFILE_NAMES;
  return names.map((text) => {
    const name = PROFILE_NAMES.find((each) => each === text);
    if (name !== undefined) return name;
    throw new CliError('cli/usage', `--profile: expected ${PROFILE_NAMES.join(', ')} or all, got ${text.slice(0, 40)}`);
  });
};

const readTimestamps = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map((text) => {
      const [, height, seconds] = /^(\d{1,20})=(\d{1,20})$/.exec(text) ?? [];
      if (height === undefined || seconds === undefined)
        throw new CliError('cli/usage', '--timestamp: expected HEIGHT=SECONDS');
      return [height, seconds];
    }),
  );

/** The client that options or a file describe; undefined when they describe none. @throws CliError `cli/usage` */
export const readDescription = async (
  context: CommandContext,
  options: InspectOptions,
): Promise<DescribedClient | undefined> => {
  const { clientState, attestor, quorum, latestHeight, frozen, timestamp } = options;
  const byOptions = attestor !== undefined || quorum !== undefined;
  if (clientState !== undefined && byOptions)
    throw new CliError('cli/usage', '--client-state and --attestor, --quorum exclude each other');
  if (clientState !== undefined) {
    const described = /^0x/i.test(clientState)
      ? parseClientState(parseHex(clientState))
      : parseClientState(parseBytes(await readBytes(context, clientState)));
    const given = Object.entries(readTimestamps(timestamp ?? [])).map(
      ([height, seconds]) => [BigInt(height), BigInt(seconds)] as const,
    );
    return { ...described, timestamps: new Map([...described.timestamps, ...given]) };
  }
  if (!byOptions) {
    if (latestHeight !== undefined || frozen !== undefined || timestamp !== undefined)
      throw new CliError('cli/usage', 'a described client needs --attestor and --quorum, or --client-state');
    return undefined;
  }
  if (attestor === undefined || quorum === undefined)
    throw new CliError('cli/usage', '--attestor and --quorum belong together');
  return describeClient({
    attestors: attestor,
    quorum,
    latestHeight,
    isFrozen: frozen === true,
    timestamps: readTimestamps(timestamp ?? []),
  });
};

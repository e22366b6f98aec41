import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './error.ts';
import type { Environment } from './expand.ts';
import type { ConfigIssue } from './issue.ts';
import { isRecord, parseAt, parseEntries } from './parse.ts';
import {
  attestorSchema,
  chainSchema,
  clientSchema,
  connectionSchema,
  logSchema,
  name,
  proofApiSchema,
  relayerSchema,
  signerSchema,
} from './schema.ts';
import { checkSemantics, type Draft, type PlacedClient } from './semantics.ts';
import { type ConfigSource, parseSource } from './source.ts';
import type { AttestConfig, ConnectionEntry, SecretEntry, SignerEntry } from './types.ts';

const SECTIONS = ['version', 'dataDir', 'log', 'chains', 'signers', 'attestors', 'connections', 'proofApi', 'relayer'];

const parseConnections = (
  value: unknown,
  source: ConfigSource,
  issues: ConfigIssue[],
): Pick<Draft, 'clients' | 'connections'> => {
  const clients: PlacedClient[] = [];
  const connections: Record<string, readonly PlacedClient[]> = {};
  for (const [connection, entry] of Object.entries(
    parseEntries(connectionSchema, name, value, 'connections', source, issues),
  )) {
    const placed = entry.clients.flatMap((raw, index): PlacedClient[] => {
      const path = ['connections', connection, 'clients', index];
      const client = parseAt(clientSchema, raw, path, source, issues);
      return client ? [{ connection, path, client }] : [];
    });
    clients.push(...placed);
    if (placed.length === entry.clients.length) connections[connection] = placed;
  }
  return { clients, connections };
};

const keysOf = (value: unknown): ReadonlySet<string> => new Set(isRecord(value) ? Object.keys(value) : []);

/** In the order of the file, without what merely follows from a variable that is not set. */
const inFileOrder = (issues: readonly ConfigIssue[]): readonly ConfigIssue[] => {
  const place = ({ line, column }: ConfigIssue): string => `${line}:${column}`;
  const unset = new Set(issues.filter(({ code }) => code === 'config/undefined-variable').map(place));
  return issues
    .filter((issue) => issue.code !== 'config/invalid-value' || !unset.has(place(issue)))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
};

/**
 * Reads a configuration from its YAML text.
 * @param file where it came from: relative paths in it count from there
 * @throws ConfigError `config/invalid`, with every problem found
 */
export const parseConfig = (text: string, file: string, env: Environment): AttestConfig => {
  const { source, issues: found } = parseSource(text, env);
  const issues = [...found];
  const root = source.value;
  if (!isRecord(root)) {
    if (issues.length === 0)
      issues.push({ code: 'config/yaml', path: '', message: 'expected a mapping at the top of the file' });
    throw new ConfigError(file, issues);
  }
  for (const key of Object.keys(root)) {
    if (SECTIONS.includes(key)) continue;
    issues.push(
      source.issue(
        'config/unknown-key',
        [key],
        `unknown key ${JSON.stringify(key)}; known: ${SECTIONS.join(', ')}`,
        true,
      ),
    );
  }
  if (root.version === undefined)
    issues.push({ code: 'config/missing-key', path: 'version', message: 'missing key "version": write version: 1' });
  else if (root.version !== 1) issues.push(source.issue('config/invalid-value', ['version'], 'expected version: 1'));

  const optional = <T>(schema: z.ZodType<T>, key: string): T | undefined =>
    root[key] === undefined || root[key] === null ? undefined : parseAt(schema, root[key], [key], source, issues);
  const dataDir = optional(z.string().min(1), 'dataDir') ?? 'data';
  const log = optional(logSchema, 'log') ?? { level: 'info' };
  const draft: Draft = {
    chains: parseEntries(chainSchema, name, root.chains, 'chains', source, issues),
    signers: parseEntries(signerSchema, name, root.signers, 'signers', source, issues),
    attestors: parseEntries(attestorSchema, name, root.attestors, 'attestors', source, issues),
    ...parseConnections(root.connections, source, issues),
    proofApi: optional(proofApiSchema, 'proofApi'),
    relayer: optional(relayerSchema, 'relayer'),
    names: { chains: keysOf(root.chains), signers: keysOf(root.signers), attestors: keysOf(root.attestors) },
  };
  if (draft.names.chains.size === 0)
    issues.push(source.issue('config/missing-key', ['chains'], 'the file names no chain'));
  issues.push(...checkSemantics(draft, source));
  if (issues.length > 0) {
    throw new ConfigError(file, inFileOrder(issues));
  }

  const base = dirname(resolve(file));
  const absolute = (path: string): string => resolve(base, path);
  const secret = (entry: SecretEntry): SecretEntry => ('file' in entry ? { file: absolute(entry.file) } : entry);
  const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
  return {
    file: resolve(file),
    dataDir: absolute(dataDir),
    log,
    chains: draft.chains,
    signers: mapValues(draft.signers, (entry): SignerEntry => {
      if ('mnemonic' in entry) return { ...entry, mnemonic: secret(entry.mnemonic) };
      return { keystore: absolute(entry.keystore), password: entry.password && secret(entry.password) };
    }),
    attestors: mapValues(draft.attestors, (entry) => ({ ...entry, guard: entry.guard && absolute(entry.guard) })),
    connections: mapValues(draft.connections, (placed): ConnectionEntry => {
      const [first, second] = placed as [PlacedClient, PlacedClient];
      return { clients: [first.client, second.client] };
    }),
    proofApi: draft.proofApi,
    relayer: draft.relayer && {
      ...draft.relayer,
      database: draft.relayer.database && absolute(draft.relayer.database),
    },
  };
};

/**
 * Reads a configuration file.
 * @throws ConfigError `config/invalid`; its one issue is `config/unreadable` when there is no such file
 */
export const loadConfig = async (file: string, env: Environment): Promise<AttestConfig> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new ConfigError(file, [{ code: 'config/unreadable', path: '', message: reason }]);
  }
  return parseConfig(text, file, env);
};

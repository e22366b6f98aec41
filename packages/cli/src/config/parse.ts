import type { z } from 'zod';
import type { ConfigIssue } from './issue.ts';
import type { ConfigSource, Path } from './source.ts';

/** True for a plain mapping. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const describe = (issue: z.core.$ZodIssue, value: unknown): string => {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    const got =
      value === null ? 'nothing' : Array.isArray(value) ? 'a list' : isRecord(value) ? 'a mapping' : typeof value;
    const expected =
      issue.expected === 'object' ? 'a mapping' : issue.expected === 'array' ? 'a list' : `a ${issue.expected}`;
    return `expected ${expected}, got ${got}`;
  }
  if (issue.code === 'invalid_value') return `expected ${issue.values.map(String).join(' or ')}`;
  return issue.message;
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    value,
  );

/** Parses the value at `path`, and reports each problem at its own place; undefined when there was one. */
export const parseAt = <T>(
  schema: z.ZodType<T>,
  value: unknown,
  path: Path,
  source: ConfigSource,
  issues: ConfigIssue[],
): T | undefined => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const problem of result.error.issues) {
    const at = [...path, ...(problem.path as (string | number)[])];
    if (problem.code === 'unrecognized_keys') {
      for (const key of problem.keys) {
        issues.push(source.issue('config/unknown-key', [...at, key], `unknown key ${JSON.stringify(key)}`, true));
      }
      continue;
    }
    const got = valueAt(value, problem.path);
    issues.push(
      got === undefined && problem.path.length > 0
        ? source.issue('config/missing-key', at, `missing key ${JSON.stringify(String(problem.path.at(-1)))}`)
        : source.issue('config/invalid-value', at, describe(problem, got)),
    );
  }
  return undefined;
};

/**
 * Parses each entry of a mapping by itself, so that a problem in one hides none in another.
 * @param schema for all entries, or chosen by what an entry says it is
 */
export const parseEntries = <T>(
  schema: z.ZodType<T> | ((entry: unknown) => z.ZodType<T>),
  names: z.ZodType<string>,
  value: unknown,
  section: string,
  source: ConfigSource,
  issues: ConfigIssue[],
): Record<string, T> => {
  const parsed: Record<string, T> = {};
  if (value === undefined || value === null) return parsed;
  if (!isRecord(value)) {
    issues.push(source.issue('config/invalid-value', [section], `expected a mapping of names to entries`));
    return parsed;
  }
  for (const [key, entry] of Object.entries(value)) {
    const named = names.safeParse(key);
    if (!named.success) {
      issues.push(
        source.issue('config/invalid-value', [section, key], named.error.issues[0]?.message ?? 'bad name', true),
      );
    }
    const result = parseAt(
      typeof schema === 'function' ? schema(entry) : schema,
      entry,
      [section, key],
      source,
      issues,
    );
    if (result !== undefined && named.success) parsed[key] = result;
  }
  return parsed;
};

import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { redactUrls } from '../output/redact.ts';
import { type Environment, expandVariables } from './expand.ts';
import type { ConfigIssue, ConfigIssueCode } from './issue.ts';

export type Path = readonly (string | number)[];

/** A YAML text with its values, able to say where each one stands. */
export interface ConfigSource {
  readonly value: unknown;
  /** An issue at `path`; `atKey` points at the key instead of at the value. */
  issue(code: ConfigIssueCode, path: Path, message: string, atKey?: boolean): ConfigIssue;
}

const SECRET_KEY = /["']?(?:mnemonic|password|plain|secret|private_?key)["']?\s*:/i;

/** Tells of a line, from 0, whether it may hold a secret that somebody wrote into the file. */
const secretLines = (document: Document, lines: readonly string[], counter: LineCounter): ((at: number) => boolean) => {
  const hidden = new Set<number>();
  visit(document, {
    Pair: (_key, pair, ancestors) => {
      const { key, value } = pair;
      const isSection = ancestors.at(-1) === document.contents && isScalar(key) && key.value === 'signers';
      if (!isScalar(key) || !key.range || !(isSection || SECRET_KEY.test(`${key.value}:`))) return;
      const end = (isNode(value) ? value.range?.[1] : undefined) ?? key.range[1];
      const last = counter.linePos(Math.max(end - 1, key.range[0])).line;
      for (let line = counter.linePos(key.range[0]).line; line <= last; line++) hidden.add(line - 1);
    },
  });
  const isBroken = document.errors.some(({ code }) => code !== 'DUPLICATE_KEY');
  const first = lines.findIndex((line) => SECRET_KEY.test(line) || line.includes('signers'));
  // What stands under what is not known in a file that is no YAML: from the first secret on, each line may be one.
  return (at) => hidden.has(at) || SECRET_KEY.test(lines[at] ?? '') || (isBroken && first !== -1 && at >= first);
};

/** A value that came out of variables, and what stands in the file in its place. */
interface Expansion {
  readonly written: string;
  readonly value: string;
}

/** A message that quotes what the file says, and not what the variables hold. */
const unexpanded = (message: string, { written, value }: Expansion): string => {
  // Errors quote as much, or it in quotes; what is shorter is no secret, and would be found everywhere.
  const quoted = [value, JSON.stringify(value).slice(1, -1), value.slice(0, 80)];
  return quoted.filter(({ length }) => length > 3).reduce((text, one) => text.replaceAll(one, written), message);
};

const formatPath = (path: Path): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');

const findPair = (node: unknown, key: string | number): Pair | undefined =>
  isMap(node) ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key)) : undefined;

/** The deepest node on the way to `path`: the place to point at when the rest is missing. */
const nodeAt = (root: unknown, path: Path, atKey: boolean): Node | undefined => {
  let node: unknown = root;
  let deepest: unknown = root;
  for (const [index, part] of path.entries()) {
    const pair = findPair(node, part);
    const next = pair ? pair.value : isSeq(node) ? node.items[part as number] : undefined;
    const last = index === path.length - 1;
    if (pair && isNode(pair.key)) deepest = pair.key;
    if (next === undefined || (last && atKey)) break;
    if (isNode(next) && (last || !pair)) deepest = next;
    node = next;
  }
  return isNode(deepest) ? deepest : isPair(deepest) && isNode(deepest.key) ? deepest.key : undefined;
};

/**
 * Parses YAML and expands `${VAR}` in its scalars.
 * @returns the source, and the issues found: `config/yaml`, `config/duplicate-id`, `config/undefined-variable`
 */
export const parseSource = (
  text: string,
  env: Environment,
): { readonly source: ConfigSource; readonly issues: readonly ConfigIssue[] } => {
  const lineCounter = new LineCounter();
  const lines = text.split(/\r?\n/);
  const expansions = new Map<Node, Expansion>();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true, prettyErrors: false, version: '1.2' });

  const isSecret = secretLines(document, lines, lineCounter);
  const place = (offset: number): Pick<ConfigIssue, 'line' | 'column' | 'excerpt'> => {
    const { line, col } = lineCounter.linePos(offset);
    const excerpt = isSecret(line - 1) ? {} : { excerpt: redactUrls(lines[line - 1] ?? '') };
    return { line, column: col, ...excerpt };
  };
  const issue: ConfigSource['issue'] = (code, path, message, atKey = false) => {
    const node = nodeAt(document.contents, path, atKey);
    const range = node?.range;
    const expansion = node && expansions.get(node);
    const text = expansion === undefined ? message : unexpanded(message, expansion);
    return { code, path: formatPath(path), message: text, ...(range ? place(range[0]) : {}) };
  };

  const issues: ConfigIssue[] = [...document.errors, ...document.warnings].map((error) => {
    const where = place(error.pos[0]);
    if (error.code === 'DUPLICATE_KEY') {
      return { code: 'config/duplicate-id', path: '', message: 'this key stands here twice', ...where };
    }
    // Its messages quote what it stumbled over.
    const message = where.excerpt === undefined ? `not YAML: ${error.code}` : error.message;
    return { code: 'config/yaml', path: '', message, ...where };
  });
  visit(document, {
    Alias: (_key, node) => {
      issues.push({
        code: 'config/yaml',
        path: '',
        message: 'YAML aliases are not supported',
        ...place(node.range?.[0] ?? 0),
      });
    },
    Scalar: (key, node) => {
      if (key === 'key' || typeof node.value !== 'string') return;
      const { text: expanded, problems } = expandVariables(node.value, env);
      if (expanded !== node.value) expansions.set(node, { written: node.value, value: expanded });
      node.value = expanded;
      for (const message of problems) {
        issues.push({ code: 'config/undefined-variable', path: '', message, ...place(node.range?.[0] ?? 0) });
      }
    },
  });
  const value: unknown = issues.some(({ code }) => code === 'config/yaml') ? undefined : document.toJS();
  return { source: { value, issue }, issues };
};

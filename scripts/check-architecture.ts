import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';
import { packageNames, root } from './repository.ts';

const SCOPE = '@interchain-attestation/';

interface Room {
  readonly level: number;
  /** Packages that this one may import. */
  readonly mayImport: ReadonlySet<string>;
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** The table at the head of ARCHITECTURE.md. */
const readRooms = (): Map<string, Room> => {
  const rows = [
    ...readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(/^\| (\d+) \| `([a-z0-9-]+)` \|.*\| ([^|]+) \|$/gm),
  ];
  const levels = new Map(rows.map(([, level, name]) => [name ?? '', Number(level)]));
  return new Map(
    rows.map(([, level = '', name = '', list = '']) => {
      const below = [...levels].filter(([, other]) => other < Number(level)).map(([other]) => other);
      const named = list.trim() === '-' ? [] : list.split(',').map((item) => item.trim());
      return [name, { level: Number(level), mayImport: new Set(list.trim() === 'everything below' ? below : named) }];
    }),
  );
};

const importsOf = (file: string, source: string): Import[] => {
  const { module, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new Error(`${relative(root, file)}: ${errors[0].message}`);
  const out: Import[] = module.staticImports.map((entry) => ({
    specifier: entry.moduleRequest.value,
    typeOnly: entry.entries.length > 0 && entry.entries.every((item) => item.isType),
  }));
  for (const statement of module.staticExports) {
    for (const entry of statement.entries) {
      if (entry.moduleRequest !== null) out.push({ specifier: entry.moduleRequest.value, typeOnly: entry.isType });
    }
  }
  for (const dynamic of module.dynamicImports) {
    const text = source.slice(dynamic.moduleRequest.start, dynamic.moduleRequest.end);
    if (/^['"]/.test(text)) out.push({ specifier: text.slice(1, -1), typeOnly: false });
  }
  return out;
};

/** A file that does nothing but pass on other files of its package. */
const isBarrel = (file: string, source: string): boolean => {
  const { program } = parseSync(file, source);
  const passesOn = (node: (typeof program.body)[number]): boolean =>
    (node.type === 'ExportAllDeclaration' || node.type === 'ExportNamedDeclaration') &&
    node.source?.value.startsWith('.') === true;
  return program.body.length > 1 && program.body.every(passesOn);
};

const findCycle = (graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined => {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
};

interface Manifest {
  readonly exports?: string | Record<string, string>;
  /** Internal names that stand for one file or another, by environment. */
  readonly imports?: Record<string, string | Record<string, string>>;
  readonly dependencies?: Record<string, string>;
}

const checkPackage = (name: string, room: Room, problems: string[]): void => {
  const folder = join(root, 'packages', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const entries = [manifest.exports ?? {}, ...Object.values(manifest.imports ?? {})].flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  const publicFiles = new Set(entries.map((entry) => resolve(folder, entry)));
  const graph = new Map<string, string[]>();
  for (const path of globSync('src/**/*.ts', { cwd: folder })) {
    const file = join(folder, path);
    const at = relative(root, file);
    const source = readFileSync(file, 'utf8');
    const local: string[] = [];
    for (const { specifier, typeOnly } of importsOf(file, source)) {
      if (specifier.startsWith('.')) {
        const target = resolve(dirname(file), specifier);
        if (relative(folder, target).startsWith('..')) problems.push(`${at}: ${specifier} leaves the package`);
        if (!typeOnly) local.push(target);
      } else if (specifier.startsWith(SCOPE)) {
        const other = specifier.slice(SCOPE.length).split('/')[0] ?? '';
        if (!room.mayImport.has(other)) problems.push(`${at}: ${name} may not import ${other} (ARCHITECTURE.md)`);
        if (manifest.dependencies?.[SCOPE + other] === undefined) {
          problems.push(`${at}: ${SCOPE}${other} is not among the dependencies of ${name}`);
        }
      }
    }
    graph.set(file, local);
    if (!publicFiles.has(file) && !path.startsWith('src/gen') && isBarrel(file, source)) {
      problems.push(`${at}: only passes on other files; import those instead`);
    }
  }
  const cycle = findCycle(graph);
  if (cycle !== undefined) problems.push(`cycle: ${cycle.map((file) => relative(root, file)).join(' -> ')}`);
};

/** Holds the code against the table of ARCHITECTURE.md. Returns the problems, a line each, or undefined. */
export const checkArchitecture = (): string | undefined => {
  const rooms = readRooms();
  const problems: string[] = [];
  for (const name of packageNames()) {
    const room = rooms.get(name);
    if (room === undefined) {
      problems.push(`packages/${name} does not stand in the table of ARCHITECTURE.md`);
      continue;
    }
    for (const other of room.mayImport) {
      const level = rooms.get(other)?.level;
      if (level === undefined) problems.push(`ARCHITECTURE.md: ${name} may import ${other}, which does not exist`);
      else if (level >= room.level)
        problems.push(`ARCHITECTURE.md: ${name} (level ${room.level}) may not import ${other} (level ${level})`);
    }
    checkPackage(name, room, problems);
  }
  return problems.length === 0 ? undefined : problems.join('\n');
};

// `npm run bench -- NAME [--json] [arguments of the bench]`: runs packages/*/bench/NAME.ts.
import { globSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commit, root } from './repository.ts';

/** One figure of a bench. `ratio` is ours to the peer's; `ok` says whether the goal holds. */
interface BenchCase {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: number;
  readonly ratio?: number;
  readonly goal?: string | number;
  readonly ok?: boolean;
}

const number = (value: number | undefined): string =>
  value === undefined ? '' : value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 1 });

const printTable = (cases: readonly BenchCase[]): void => {
  const rows = cases.map((item) => [
    item.name,
    number(item.value),
    item.unit,
    number(item.peer),
    number(item.ratio),
    item.goal === undefined ? '' : String(item.goal),
    item.ok === undefined ? '' : item.ok ? 'ok' : 'MISSED',
  ]);
  const head = ['case', 'value', 'unit', 'peer', 'ratio', 'goal', ''];
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const right = new Set([1, 3, 4]);
  for (const row of [head, widths.map((width) => '-'.repeat(width)), ...rows]) {
    console.log(
      row
        .map((cell, i) => (right.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    );
  }
};

const main = async (): Promise<void> => {
  const files = new Map(globSync('packages/*/bench/*.ts', { cwd: root }).map((file) => [basename(file, '.ts'), file]));
  const [name, ...rest] = process.argv.slice(2);
  const file = files.get(name ?? '');
  if (name === undefined || file === undefined) {
    console.error(`usage: npm run bench -- NAME [--json]\nbenches: ${[...files.keys()].sort().join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const json = rest.includes('--json');
  const module = (await import(pathToFileURL(join(root, file)).href)) as { run?(args: string[]): Promise<BenchCase[]> };
  if (module.run === undefined) {
    console.error(`error: ${file} exports no run()`);
    process.exitCode = 2;
    return;
  }
  const cases = await module.run(rest.filter((arg) => arg !== '--json'));
  const cpu = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
  if (json) {
    console.log(JSON.stringify({ bench: name, commit: commit(), node: process.version, cpu, cases }));
  } else {
    console.log(`bench ${name}, commit ${commit()}, Node ${process.version}, ${cpu}\n`);
    printTable(cases);
  }
};

await main();

// `npm run conformance -- NAME --cases N --seed S`: runs packages/*/conformance/NAME.ts.
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './repository.ts';

const main = async (): Promise<void> => {
  const files = new Map(
    globSync('packages/*/conformance/*.ts', { cwd: root }).map((file) => [basename(file, '.ts'), file]),
  );
  const [name, ...rest] = process.argv.slice(2);
  const file = files.get(name ?? '');
  if (file === undefined) {
    console.error(
      `usage: npm run conformance -- NAME [--cases N] [--seed S]\nsuites: ${[...files.keys()].sort().join(', ')}`,
    );
    process.exitCode = 2;
    return;
  }
  const module = (await import(pathToFileURL(join(root, file)).href)) as {
    run?(args: string[]): Promise<{ passed: number; failed: number }>;
  };
  if (module.run === undefined) throw new Error(`${file} exports no run()`);
  const { passed, failed } = await module.run(rest);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
};

await main();

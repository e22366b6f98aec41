import { createRequire } from 'node:module';

/** The program itself, not npm's wrapper around it: a signal to the wrapper's process would leave the program behind. */
export function foundryBinary(tool: 'anvil' | 'forge'): string {
  const require = createRequire(createRequire(import.meta.url).resolve(`@foundry-rs/${tool}/package.json`));
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `@foundry-rs/${tool}-${process.platform}-${arch}`;
  return require.resolve(`${name}/bin/${tool}${process.platform === 'win32' ? '.exe' : ''}`);
}

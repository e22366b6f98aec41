import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DevnetError } from '../errors.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Path of the anvil program that npm installed for this platform. Started directly: the launcher of its package would
 * be one more process between it and its signals.
 * @throws DevnetError `devnet/binary-missing`
 */
export const findAnvil = (platform: string = process.platform, arch: string = process.arch): string => {
  const name = `@foundry-rs/anvil-${platform}-${ARCHITECTURES[arch] ?? arch}`;
  const require = createRequire(import.meta.url);
  try {
    const path = join(
      dirname(require.resolve(`${name}/package.json`)),
      'bin',
      platform === 'win32' ? 'anvil.exe' : 'anvil',
    );
    if (existsSync(path)) return path;
  } catch {
    // Reported below: the package is optional, and npm leaves it out on platforms that it does not know.
  }
  throw new DevnetError('devnet/binary-missing', `the anvil node is not installed: npm package ${name} is missing`, {
    meta: { package: name },
  });
};

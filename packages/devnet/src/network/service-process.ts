import { fileURLToPath } from 'node:url';
import { type ManagedProcess, startProcess } from '../process/managed-process.ts';
import type { Reaper } from '../process/reaper.ts';

/** The command line: services run exactly as operators run them. Started by path: this package is below it. */
export const ATTEST: string = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url));

export interface ServiceOptions {
  readonly name: string;
  readonly configFile: string;
  /** Arguments after `attest run`. */
  readonly args: readonly string[];
  readonly reaper: Reaper;
  readonly onUnexpectedExit?: ((process: ManagedProcess, how: string) => void) | undefined;
}

const isReady = (line: string): boolean => {
  if (!line.startsWith('{"event":"ready"')) return false;
  try {
    return (JSON.parse(line) as { event: string }).event === 'ready';
  } catch {
    return false;
  }
};

/** Starts `attest run ...` and resolves at its ready line. @throws DevnetError `devnet/not-ready` */
export const startService = ({
  name,
  configFile,
  args,
  reaper,
  onUnexpectedExit,
}: ServiceOptions): Promise<ManagedProcess> =>
  startProcess({
    name,
    command: process.execPath,
    args: [ATTEST, 'run', '--config', configFile, ...args],
    env: { NO_COLOR: '1', FORCE_COLOR: undefined },
    reaper,
    readyTimeoutMs: 60_000,
    ready: ({ onLine }) =>
      new Promise((resolve) => {
        onLine((line) => {
          if (isReady(line)) resolve();
        });
      }),
    ...(onUnexpectedExit === undefined ? {} : { onUnexpectedExit }),
  });

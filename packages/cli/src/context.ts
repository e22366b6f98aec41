import { resolve } from 'node:path';
import type { Environment } from './config/expand.ts';
import { loadConfig } from './config/load.ts';
import type { AttestConfig } from './config/types.ts';
import { createOutput, type Output, type TextSink } from './output/output.ts';

/** What the program gets from outside: nothing below `main.ts` touches the process itself. */
export interface CliDeps {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: Environment;
  readonly cwd: string;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** What a command works with. */
export interface CommandContext extends CliDeps {
  readonly output: Output;
  /** Absolute path of the configuration file. */
  readonly configFile: string;
  /** @throws ConfigError `config/invalid` */
  config(): Promise<AttestConfig>;
  /** Absolute path of something that stood on the command line. */
  path(text: string): string;
}

export const DEFAULT_CONFIG = 'attest.yaml';

export const createContext = (deps: CliDeps, options: GlobalOptions): CommandContext => {
  const configFile = resolve(deps.cwd, options.config ?? deps.env.ATTEST_CONFIG ?? DEFAULT_CONFIG);
  let loaded: Promise<AttestConfig> | undefined;
  return {
    ...deps,
    output: createOutput({ ...deps, json: options.json === true }),
    configFile,
    config: () => {
      loaded ??= loadConfig(configFile, deps.env);
      return loaded;
    },
    path: (text) => resolve(deps.cwd, text),
  };
};

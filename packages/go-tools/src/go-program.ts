import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { withBuildLock } from './build-lock.ts';
import { GoToolsError } from './errors.ts';
import { findGo, type GoToolChain } from './go-tool-chain.ts';
import { type GoProgramName, type GoProgramSource, hashSource, PROGRAMS } from './programs.ts';
import { type CommandResult, runCommand } from './run-command.ts';

/** A program that can be run, or why there is none. */
export type GoProgram = { readonly path: string } | { readonly missing: string };

export interface GoProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Takes a line when a build begins, waits or ends; stderr by default. */
  readonly onProgress?: (line: string) => void;
}

/** Folder of the built programs: `$XDG_CACHE_HOME`, or `~/.cache`, then `interchain-attestation/go`. */
export const goCacheFolder = (env: NodeJS.ProcessEnv = process.env): string => {
  const caches = env.XDG_CACHE_HOME;
  return join(
    caches === undefined || caches === '' ? join(homedir(), '.cache') : caches,
    'interchain-attestation',
    'go',
  );
};

const tail = ({ stderr, stdout }: CommandResult): string => (stderr.trim() || stdout.trim()).slice(-2_000);

const NO_GO = 'no Go tool chain (looked in PATH, $GOROOT/bin and the usual places)';

/** Builds into `folder`; undefined when it worked, else why the program cannot be had here. */
const build = async (
  name: GoProgramName,
  source: GoProgramSource,
  { go }: GoToolChain,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> => {
  // No version control stamp, so that the same source is the same binary; without symbols it links in half the time.
  const flags = ['-buildvcs=false', '-ldflags=-s -w'];
  if (source.kind === 'published') {
    const wanted = `${source.path}@${source.version}`;
    const result = await runCommand(go, ['install', ...flags, wanted], { cwd: folder, env: { ...env, GOBIN: folder } });
    return result.code === 0 ? undefined : `go install ${wanted} failed: ${tail(result)}`;
  }
  const options = { cwd: source.module, env };
  // First only what it needs from elsewhere: a module that cannot be fetched is no fault of ours, broken source is.
  const modules = await runCommand(go, ['list', '-deps', `./${source.folder}`], options);
  if (modules.code !== 0) return `the modules of ${name} cannot be had: ${tail(modules)}`;
  const result = await runCommand(go, ['build', ...flags, '-o', join(folder, name), `./${source.folder}`], options);
  if (result.code !== 0) throw new GoToolsError('go-tools/build-failed', `${name} does not build:\n${tail(result)}`);
  return undefined;
};

const findOrBuild = async (name: GoProgramName, options: GoProgramOptions): Promise<GoProgram> => {
  const { env = process.env, onProgress = (line: string) => process.stderr.write(`${line}\n`) } = options;
  const toolChain = await findGo(env);
  if (toolChain === undefined) return { missing: NO_GO };
  const source = PROGRAMS[name];
  const key = createHash('sha256')
    .update(`${JSON.stringify(source.kind === 'local' ? source.folder : source.path)} ${hashSource(source)} `)
    .update(toolChain.fingerprint)
    .digest('hex')
    .slice(0, 16);
  const cache = goCacheFolder(env);
  const path = join(cache, `${name}-${source.version}-${key}`);
  if (existsSync(path)) return { path };

  return withBuildLock(
    `${path}.lock`,
    () => onProgress(`go-tools: waiting for another process that builds ${name}`),
    async () => {
      if (existsSync(path)) return { path };
      onProgress(`go-tools: building ${name} ${source.version}; the first time this takes minutes`);
      const started = performance.now();
      mkdirSync(cache, { recursive: true });
      const folder = mkdtempSync(join(cache, `.${name}-`));
      try {
        const missing = await build(name, source, toolChain, folder, env);
        if (missing !== undefined) return { missing };
        const made = source.kind === 'local' ? name : basename(source.path);
        renameSync(join(folder, made), path);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      onProgress(`go-tools: built ${name} in ${((performance.now() - started) / 1000).toFixed(0)} s: ${path}`);
      return { path };
    },
  );
};

const known = new Map<GoProgramName, Promise<GoProgram>>();

/**
 * The path of a program, built if it is not in the cache. Processes that ask at the same time build once. A cold build
 * takes minutes: call this in a `before` hook or at the top of a test file, never under a short time-out.
 * @returns `missing` when there is no Go here or a module cannot be fetched
 * @throws GoToolsError `go-tools/build-failed` when our own source does not compile
 */
export const goProgram = (name: GoProgramName, options?: GoProgramOptions): Promise<GoProgram> => {
  if (options !== undefined) return findOrBuild(name, options);
  const promise = known.get(name) ?? findOrBuild(name, {});
  known.set(name, promise);
  return promise;
};

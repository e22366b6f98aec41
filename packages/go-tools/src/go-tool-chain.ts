import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** The Go tool chain of this machine. */
export interface GoToolChain {
  /** The `go` command. */
  readonly go: string;
  /** What a build depends on besides its source: version, platform, cgo and flags. Part of every cache key. */
  readonly fingerprint: string;
}

const VARIABLES = ['GOVERSION', 'GOOS', 'GOARCH', 'CGO_ENABLED', 'GOFLAGS'];

/** Names the `go` command to use; `none` does without Go. */
const OVERRIDE = 'INTERCHAIN_ATTESTATION_GO';

const candidates = (env: NodeJS.ProcessEnv): string[] => {
  const override = env[OVERRIDE];
  if (override !== undefined && override !== '') return override === 'none' ? [] : [override];
  const name = process.platform === 'win32' ? 'go.exe' : 'go';
  const roots: (string | undefined)[] = [env.GOROOT, '/usr/local/go', '/usr/lib/go', '/opt/homebrew/opt/go/libexec'];
  return [name, ...roots.flatMap((root) => (root ? [join(root, 'bin', name)] : []))];
};

/** Looks for `go` in $INTERCHAIN_ATTESTATION_GO, or in PATH, $GOROOT and the usual places; undefined when there is none. */
export const findGo = async (env: NodeJS.ProcessEnv = process.env): Promise<GoToolChain | undefined> => {
  for (const go of candidates(env)) {
    const { code, stdout } = await runCommand(go, ['env', '-json', ...VARIABLES], { env });
    if (code !== 0) continue;
    const values = JSON.parse(stdout) as Record<string, string>;
    return { go, fingerprint: VARIABLES.map((name) => `${name}=${values[name] ?? ''}`).join(' ') };
  }
  return undefined;
};

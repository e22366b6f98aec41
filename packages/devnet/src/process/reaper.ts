import { spawn } from 'node:child_process';

/**
 * Cleans up after a parent that could not: a shell that reads what to remove from its standard input and does so when
 * the pipe closes, however the parent ended, SIGKILL included. It holds no port and no file.
 */
export interface Reaper {
  /** Kill this process, stopped or not, when the parent is gone. */
  watch(pid: number): void;
  /** The process ended by itself: its number may belong to somebody else soon. */
  forget(pid: number): void;
  /** Removes the directory when the parent is gone. */
  removeLater(directory: string): void;
  /** Ends the shell after it has removed what is left. */
  close(): Promise<void>;
}

// Directories come one a line, so that no character but a line feed matters; they are created by this package.
const SCRIPT = `
pids=" "
while IFS= read -r line; do
  case "$line" in
    "+ "*) pids="$pids\${line#+ } " ;;
    "- "*) gone=" \${line#- } "; case "$pids" in *"$gone"*) pids="\${pids%%"$gone"*} \${pids#*"$gone"}" ;; esac ;;
    "d "*) dirs="$dirs\${line#d }
" ;;
  esac
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
printf '%s' "$dirs" | while IFS= read -r dir; do rm -rf -- "$dir"; done
`;

/** Starts the shell, apart from the terminal, so that Ctrl-C does not reach it. */
export const startReaper = (): Reaper => {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const ended = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve());
    shell.once('error', () => resolve());
  });
  shell.stdin.on('error', () => {});
  shell.unref();
  const say = (line: string): void => {
    if (shell.stdin.writable) shell.stdin.write(`${line}\n`);
  };
  return {
    watch: (pid) => say(`+ ${pid}`),
    forget: (pid) => say(`- ${pid}`),
    removeLater: (directory) => say(`d ${directory}`),
    close: async () => {
      shell.ref();
      shell.stdin.end();
      await ended;
    },
  };
};

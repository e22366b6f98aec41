import { enableCompileCache } from 'node:module';

// A devnet starts a dozen of these at once: compiled code is kept where the installation keeps its packages.
enableCompileCache(new URL('../../../node_modules/.cache/attest', import.meta.url).pathname);

const { runProgram } = await import('./program.ts');

const interrupt = new AbortController();
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    signals += 1;
    // The second one means it.
    if (signals > 1) process.exit(130);
    interrupt.abort(signal);
  });
}
// A reader that went away (`attest ... | head`) is no error; what still runs for it ends in order.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' && stream === process.stdout) interrupt.abort('EPIPE');
  });
}

process.exitCode = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  signal: interrupt.signal,
});

// What an interrupted command leaves waiting must not keep the user waiting; a clean end comes before this.
// What was written is read first, however slow the reader is.
process.stdout.write('', () => setTimeout(() => process.exit(), 500).unref());

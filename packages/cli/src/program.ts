import { Command, CommanderError } from 'commander';
import type { Register } from './commands/group.ts';
import { type CliDeps, type CommandContext, createContext, type GlobalOptions } from './context.ts';
import { CliError } from './output/errors.ts';
import { EXIT, type ExitCode } from './output/exit-codes.ts';
import { reportError } from './output/report-error.ts';

/** Runs a command's work with a context made of the options that every command takes. */
export type Act = <Options>(
  work: (context: CommandContext, options: Options, args: readonly string[]) => Promise<ExitCode | undefined>,
) => (...parameters: unknown[]) => Promise<void>;

/** In the order of the help. Loaded when needed: a process that only attests does not pay for the rest at its start. */
const GROUPS: Readonly<Record<string, () => Promise<Register>>> = {
  demo: async () => (await import('./commands/demo.ts')).registerDemo,
  config: async () => (await import('./commands/config.ts')).registerConfig,
  keys: async () => (await import('./commands/keys.ts')).registerKeys,
  deploy: async () => (await import('./commands/deploy.ts')).registerDeploy,
  run: async () => (await import('./commands/run.ts')).registerRun,
  client: async () => (await import('./commands/client.ts')).registerClient,
  packet: async () => (await import('./commands/packet.ts')).registerPacket,
  proof: async () => (await import('./commands/proof.ts')).registerProof,
  guard: async () => (await import('./commands/guard.ts')).registerGuard,
};

const EPILOGUE = `
Exit codes: 0 ok, 1 failure, 2 wrong command line, 3 wrong configuration, 4 a chain or service does not answer,
5 conflict, 6 answered with no, 7 not found, 8 key file or password, 130 interrupted.

Examples:
  $ attest demo                                  two chains, ten attestors, everything live
  $ attest keys generate keys/alpha-1.json       make a key for an attestor
  $ attest config validate --live                compare the file with chains and attestors
  $ attest deploy core && attest deploy transfer && attest deploy client
  $ attest run                                   every role that the file configures
`;

/**
 * Runs one command line.
 * @param argv without the program and the script
 * @returns the exit code; nothing is thrown
 */
export const runProgram = async (argv: readonly string[], deps: CliDeps): Promise<ExitCode> => {
  let exitCode: ExitCode = EXIT.ok;
  const program = new Command('attest')
    .description('IBC v2 between any two chains, secured by signers who attest to what they read')
    .version('0.1.0')
    .option('-c, --config <file>', 'configuration file (default: $ATTEST_CONFIG or attest.yaml)')
    .option('--json', 'one JSON object on standard output')
    .option('--debug', 'show stack traces and causes of errors')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
      // Reported below, in the same form as every other error.
      outputError: () => {},
    })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', EPILOGUE);

  const act: Act =
    (work) =>
    async (...parameters) => {
      const command = parameters.at(-1) as Command;
      const options = command.optsWithGlobals();
      const context = createContext(deps, options as GlobalOptions);
      exitCode = (await work(context, options as never, command.args)) ?? EXIT.ok;
    };
  // The one group that the command line names first, or all of them: for the help, and for options that come before it.
  const [first = ''] = argv;
  const load = Object.hasOwn(GROUPS, first) ? [GROUPS[first]] : Object.values(GROUPS);
  for (const register of await Promise.all(load.map((group) => group?.()))) register?.(program, act);

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const usage = error instanceof CommanderError;
    // The help of a group that was called without a command is printed already.
    if (usage && error.code === 'commander.help') return EXIT.usage;
    const message = usage ? error.message.replace(/^error: /, '').replace(/\n/g, ' ') : '';
    const known = usage ? new CliError('cli/usage', message) : error;
    const json = argv.includes('--json');
    return reportError(known, { ...deps, json, debug: argv.includes('--debug') });
  }
};

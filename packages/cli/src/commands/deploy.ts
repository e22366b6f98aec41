import { type Address, isAttestationError, parseAddress } from '@interchain-attestation/core';
import {
  attestInitialState,
  DeployError,
  type Deployer,
  type DeployResult,
  type InitialState,
  type StepListener,
} from '@interchain-attestation/deploy';
import type { Command } from 'commander';
import type { AttestConfig, ClientEntry } from '../config/types.ts';
import type { CommandContext } from '../context.ts';
import { createKeyring } from '../keys.ts';
import { CliError } from '../output/errors.ts';
import type { ExitCode } from '../output/exit-codes.ts';
import { printable } from '../output/printable.ts';
import { displayWidth } from '../output/table.ts';
import { connectAttestors } from '../services/attestor-endpoints.ts';
import { chainEntry, connectChain } from '../services/chains.ts';
import { attestorSet, deployConnections } from '../services/deploy-connections.ts';
import { openHands } from '../services/deploy-hands.ts';
import { examples, type Register } from './group.ts';

interface DeployOptions {
  readonly chain?: readonly string[];
  readonly dryRun?: boolean;
}

interface ClientDeployOptions extends DeployOptions {
  readonly connection?: readonly string[];
  readonly initialHeight?: string;
  readonly initialTimestamp?: string;
}

/** How far the clock of a chain may be ahead of ours. */
const MAX_AHEAD_SEC = 60;

const WORDS = { exists: 'exists', planned: 'would do', done: 'done', resumed: 'resumed' } as const;

/** Shows each step in a line as it ends: chain, what happened, what, where, at what price. */
const createListener = (context: CommandContext, chains: readonly string[]): StepListener => {
  const { output } = context;
  const { style } = output;
  const width = Math.max(...chains.map(displayWidth));
  const paint = { exists: style.dim, planned: style.yellow, done: style.green, resumed: style.green };
  return (event) => {
    if (event.type === 'begin') return;
    const { chain, outcome, title, address, clientId, gasUsed } = event.report;
    const place = (address ?? clientId) === undefined ? '' : ` ${style.dim(address ?? clientId ?? '')}`;
    const gas = gasUsed === undefined ? '' : style.dim(` ${gasUsed.toLocaleString('en')} gas`);
    output.line(
      `${chain.padEnd(width)}  ${paint[outcome](WORDS[outcome].padEnd(8))}  ${title.padEnd(44)}${place}${gas}`.trimEnd(),
    );
  };
};

/** The chosen chains, or all of the file, that have contracts. @throws CliError `cli/not-applicable` */
const contractChains = (
  context: CommandContext,
  config: AttestConfig,
  options: DeployOptions,
  what: string,
): readonly string[] => {
  const names = [...new Set(options.chain ?? Object.keys(config.chains))];
  const [cosmos, evm] = [
    names.filter((name) => chainEntry(config, name).kind === 'cosmos'),
    names.filter((name) => chainEntry(config, name).kind === 'evm'),
  ];
  const reason = `deploy ${what} does not apply to Cosmos chains, where ibc-go is part of the chain`;
  if (cosmos.length > 0 && (options.chain !== undefined || evm.length === 0)) {
    throw new CliError('cli/not-applicable', `${reason}: ${cosmos.join(', ')}`, { meta: { chains: cosmos.join(',') } });
  }
  if (cosmos.length > 0) context.output.line(context.output.style.dim(`left out: ${cosmos.join(', ')} (${reason})`));
  return evm;
};

/** Does the same on each chosen EVM chain, at once, and reports all of them; the first failure is thrown at the end. */
const onChains = async (
  context: CommandContext,
  options: DeployOptions,
  what: string,
  work: (deployer: Deployer, chain: string, config: AttestConfig) => Promise<DeployResult>,
): Promise<ExitCode | undefined> => {
  const config = await context.config();
  const chains = contractChains(context, config, options, what);
  const dryRun = options.dryRun === true;
  const hands = await openHands(context, config, { chains, dryRun, listener: createListener(context, chains) });
  try {
    const outcomes = await context.output.progress(dryRun ? 'reading the chains' : 'waiting for the chains', () =>
      Promise.allSettled([...hands.evm].map(([chain, deployer]) => work(deployer, chain, config))),
    );
    return finish(context, dryRun, outcomes);
  } finally {
    await hands.close();
  }
};

/** Reports what was done and every failure; the last one ends the command. */
const finish = (
  context: CommandContext,
  dryRun: boolean,
  outcomes: readonly PromiseSettledResult<DeployResult>[],
): undefined => {
  const results = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  for (const warning of new Set(results.flatMap(({ warnings }) => warnings))) context.output.warn(warning);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  for (const failure of failures.slice(0, -1)) {
    context.output.warn(isAttestationError(failure) ? `[${failure.code}] ${failure.message}` : String(failure));
  }
  const failure = failures.at(-1);
  if (failure !== undefined) {
    if (failure instanceof DeployError) {
      for (const { field, wanted, found, where } of failure.details) {
        context.stderr.write(`  ${printable(`${field}: wanted ${wanted}, ${where} has ${found}`)}\n`);
      }
    }
    throw failure;
  }
  context.output.result({ ok: true, dryRun, chains: results });
  return undefined;
};

/**
 * The first state of a client on an operator's word, held against the chain: from a wrong time on, packets count as timed
 * out that were received, or the first honest update freezes the client.
 * @throws CliError `cli/usage`; ChainError when the chain does not answer
 */
const operatorState = async (config: AttestConfig, { of }: ClientEntry, word: InitialState): Promise<InitialState> => {
  const { height, timestampSec } = word;
  const chain = await connectChain(config, of);
  try {
    const [block] = await chain.reader.headers([height]);
    if (block?.timestampSec === timestampSec) return word;
    const what = block === undefined ? `has no block ${height}` : `made block ${height} at ${block.timestampSec}`;
    const text = `--initial-height ${height}, --initial-timestamp ${timestampSec}: ${of} ${what}`;
    throw new CliError('cli/usage', text, { meta: { chain: of, height } });
  } finally {
    await chain.close();
  }
};

const initialState = async (
  config: AttestConfig,
  client: ClientEntry,
  options: ClientDeployOptions,
): Promise<InitialState> => {
  const { initialHeight, initialTimestamp } = options;
  if (initialHeight !== undefined && initialTimestamp !== undefined) {
    const word = { height: BigInt(initialHeight), timestampSec: BigInt(initialTimestamp), from: 'operator' } as const;
    return operatorState(config, client, word);
  }
  const attestors = connectAttestors(config, client.attestors);
  try {
    return await attestInitialState(attestors.endpoints, attestorSet(config, client));
  } finally {
    attestors.close();
  }
};

const deployClients = async (context: CommandContext, options: ClientDeployOptions): Promise<undefined> => {
  decimal('--initial-height', options.initialHeight);
  decimal('--initial-timestamp', options.initialTimestamp);
  if ((options.initialHeight === undefined) !== (options.initialTimestamp === undefined)) {
    throw new CliError('cli/usage', '--initial-height and --initial-timestamp belong together');
  }
  if (BigInt(options.initialTimestamp ?? 0) > BigInt(Math.floor(Date.now() / 1000) + MAX_AHEAD_SEC)) {
    const text = `--initial-timestamp ${options.initialTimestamp} lies ahead of now: expected seconds since 1970`;
    throw new CliError('cli/usage', `${text}, not milliseconds`);
  }
  const config = await context.config();
  const names = options.connection ?? Object.keys(config.connections);
  for (const name of names) {
    if (config.connections[name] === undefined) throw new CliError('cli/usage', `no connection is called ${name}`);
  }
  for (const chain of options.chain ?? []) chainEntry(config, chain);
  const chains = [...new Set(options.chain ?? Object.keys(config.chains))];
  const ends = names.flatMap((name) => config.connections[name]?.clients ?? []).filter(({ on }) => chains.includes(on));
  if (options.initialHeight !== undefined && ends.length !== 1) {
    const text = `--initial-height is a height of one chain, and this command is about ${ends.length} clients`;
    throw new CliError('cli/usage', `${text}: name one connection and one chain with --connection and --chain`);
  }
  const dryRun = options.dryRun === true;
  const hands = await openHands(context, config, { chains, dryRun, listener: createListener(context, chains) });
  try {
    const outcomes = await context.output.progress(dryRun ? 'reading the chains' : 'waiting for the chains', () =>
      deployConnections(config, names, hands, (client) => initialState(config, client, options)),
    );
    return finish(context, dryRun, outcomes);
  } finally {
    await hands.close();
  }
};

const decimal = (name: string, text: string | undefined): void => {
  if (text !== undefined && !/^[1-9]\d{0,18}$/.test(text))
    throw new CliError('cli/usage', `${name}: expected a positive whole number`);
};

const relayersOf = async (
  context: CommandContext,
  config: AttestConfig,
  chain: string,
): Promise<readonly Address[]> => {
  const signer = config.relayer?.signers[chain];
  return signer === undefined ? [] : [await createKeyring(context, config).address(signer)];
};

const common = (command: Command): Command =>
  command
    .option('--chain <name...>', 'only these chains (default: all of the file)')
    .option('--dry-run', 'print what would be done; send nothing and write nothing');

export const registerDeploy: Register = (program, act) => {
  const deploy = program
    .command('deploy')
    .description(
      'deploy contracts and clients; may be repeated and killed at any time, manifests remember what is done',
    );
  common(deploy.command('core'))
    .description('AccessManager and router (ICS26Router) on each EVM chain')
    .option('--open-relaying', 'let anybody relay, instead of the signers of the relayer section')
    .option('--close-relaying', 'end that where it was opened before: only the signers of the relayer section relay')
    .addHelpText(
      'after',
      examples(['attest deploy core --dry-run', 'attest deploy core --chain alpha --open-relaying']),
    )
    .action(
      act<DeployOptions & { openRelaying?: boolean; closeRelaying?: boolean }>((context, options) => {
        const { openRelaying = false, closeRelaying = false } = options;
        if (openRelaying && closeRelaying) {
          throw new CliError('cli/usage', '--open-relaying and --close-relaying exclude each other');
        }
        return onChains(context, options, 'core', async (deployer, chain, config) => {
          const relayers = openRelaying ? 'anybody' : await relayersOf(context, config, chain);
          return deployer.core({ relayers, closeRelaying });
        });
      }),
    );
  common(deploy.command('transfer'))
    .description('token transfer app (ICS20Transfer) on each EVM chain, bound to port transfer')
    .addHelpText('after', examples(['attest deploy transfer --json']))
    .action(
      act<DeployOptions>((context, options) =>
        onChains(context, options, 'transfer', (deployer) => deployer.transfer()),
      ),
    );
  common(deploy.command('client'))
    .description('light clients of the connections; their first state is signed by a quorum of their attestors')
    .option('--connection <id...>', 'only these connections')
    .option('--initial-height <height>', 'take this state on your own word instead (with --initial-timestamp)')
    .option('--initial-timestamp <seconds>', 'unix seconds of that height')
    .addHelpText(
      'after',
      examples(['attest deploy client', 'attest deploy client --connection alpha-beta --chain beta --dry-run']),
    )
    .action(act<ClientDeployOptions>((context, options) => deployClients(context, options)));
  common(deploy.command('handover'))
    .description("move upgrade and admin rights from the deployer's key to a multisig or timelock, on each EVM chain")
    .requiredOption('--admin <address>', 'who becomes admin')
    .option('--allow-plain-account', 'accept an account without code: one key again')
    .option(
      '--other-admin <address...>',
      'further accounts that are admin on purpose; any that is not named is refused',
    )
    .addHelpText(
      'after',
      examples(['attest deploy handover --admin 0x5FbDB2315678afecb367f032d93F642f64180aa3 --chain alpha']),
    )
    .action(
      act<DeployOptions & { admin: string; allowPlainAccount?: boolean; otherAdmin?: readonly string[] }>(
        (context, options) => {
          const admin = readAddress('--admin', options.admin);
          const otherAdmins = (options.otherAdmin ?? []).map((text) => readAddress('--other-admin', text));
          const allowPlainAccount = options.allowPlainAccount === true;
          return onChains(context, options, 'handover', (deployer) =>
            deployer.handover({ admin, allowPlainAccount, otherAdmins }),
          );
        },
      ),
    );
};

const readAddress = (option: string, text: string): Address => {
  try {
    return parseAddress(text);
  } catch (cause) {
    throw new CliError('cli/usage', `${option}: ${(cause as Error).message}`, { cause });
  }
};

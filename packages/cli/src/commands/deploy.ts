import { type Address, createAttestorSet, isAttestationError, parseAddress } from '@interchain-attestation/core';
import {
  attestInitialState,
  createDeployer,
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
import { displayWidth } from '../output/table.ts';
import { connectAttestors } from '../services/attestor-endpoints.ts';
import { chainEntry, manifestDirectory } from '../services/chains.ts';
import { examples, type Register } from './group.ts';

interface DeployOptions {
  readonly chain?: readonly string[];
  readonly dryRun?: boolean;
}

const WORDS = { exists: 'exists', planned: 'would do', done: 'done', resumed: 'resumed' } as const;

/** Shows each step in a line as it ends: chain, what happened, what, where, at what price. */
const createListener = (context: CommandContext, chains: readonly string[]): StepListener => {
  const { output } = context;
  const { style } = output;
  const width = Math.max(...chains.map(displayWidth));
  const paint = { exists: style.dim, planned: style.yellow, done: style.green, resumed: style.green };
  return (event) => {
    if (event.type === 'begin') return;
    const { chain, outcome, title, address, gasUsed } = event.report;
    const place = address === undefined ? '' : ` ${style.dim(address)}`;
    const gas = gasUsed === undefined ? '' : style.dim(` ${gasUsed.toLocaleString('en')} gas`);
    output.line(
      `${chain.padEnd(width)}  ${paint[outcome](WORDS[outcome].padEnd(8))}  ${title.padEnd(44)}${place}${gas}`.trimEnd(),
    );
  };
};

const chosenChains = (config: AttestConfig, options: DeployOptions): readonly string[] => {
  const names = options.chain ?? Object.keys(config.chains);
  for (const name of names) chainEntry(config, name);
  return [...new Set(names)];
};

/** Does the same on each chosen chain, at once, and reports all of them; the first failure is thrown at the end. */
const onChains = async (
  context: CommandContext,
  options: DeployOptions,
  work: (deployer: Deployer, chain: string, config: AttestConfig) => Promise<readonly DeployResult[]>,
): Promise<ExitCode | undefined> => {
  const config = await context.config();
  const chains = chosenChains(config, options);
  const keyring = createKeyring(context, config);
  const dryRun = options.dryRun === true;
  const listener = createListener(context, chains);
  // Passwords are asked for one after the other, before anything is sent.
  const deployers: [string, Deployer][] = [];
  for (const chain of chains) {
    const { chainId, rpcUrl, genesisHash, deployer } = chainEntry(config, chain);
    if (deployer === undefined) throw new CliError('cli/usage', `chains.${chain}.deployer names no signer`);
    const who = dryRun ? await keyring.address(deployer) : await keyring.signer(deployer);
    const target = { name: chain, chainId, rpcUrl, genesisHash: genesisHash as `0x${string}` | undefined };
    deployers.push([
      chain,
      createDeployer({ chain: target, who, directory: manifestDirectory(config), dryRun, listener }),
    ]);
  }
  const outcomes = await context.output.progress(dryRun ? 'reading the chains' : 'waiting for the chains', () =>
    Promise.allSettled(deployers.map(([chain, deployer]) => work(deployer, chain, config))),
  );
  const results = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  for (const warning of new Set(results.flatMap(({ warnings }) => warnings))) context.output.warn(warning);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  for (const failure of failures.slice(0, -1)) {
    context.output.warn(isAttestationError(failure) ? `[${failure.code}] ${failure.message}` : String(failure));
  }
  const failure = failures.at(-1);
  if (failure !== undefined) {
    if (failure instanceof DeployError) {
      for (const { field, wanted, found, where } of failure.details) {
        context.stderr.write(`  ${field}: wanted ${wanted}, ${where} has ${found}\n`);
      }
    }
    throw failure;
  }
  context.output.result({ ok: true, dryRun, chains: results });
  return undefined;
};

const initialState = async (
  config: AttestConfig,
  client: ClientEntry,
  options: { initialHeight?: string; initialTimestamp?: string },
): Promise<InitialState> => {
  const { initialHeight, initialTimestamp } = options;
  if (initialHeight !== undefined && initialTimestamp !== undefined) {
    return { height: BigInt(initialHeight), timestampSec: BigInt(initialTimestamp), from: 'operator' };
  }
  const set = attestorSet(config, client);
  const attestors = connectAttestors(config, client.attestors);
  try {
    return await attestInitialState(attestors.endpoints, set);
  } finally {
    attestors.close();
  }
};

const attestorSet = (config: AttestConfig, { attestors, quorum }: ClientEntry): ReturnType<typeof createAttestorSet> =>
  createAttestorSet(
    attestors.flatMap((name) => config.attestors[name]?.address ?? []),
    quorum,
  );

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
    .description('AccessManager and router (ICS26Router) on each chain')
    .option('--open-relaying', 'let anybody relay, instead of the signers of the relayer section')
    .addHelpText(
      'after',
      examples(['attest deploy core --dry-run', 'attest deploy core --chain alpha --open-relaying']),
    )
    .action(
      act<DeployOptions & { openRelaying?: boolean }>((context, options) =>
        onChains(context, options, async (deployer, chain, config) => {
          const relayers = options.openRelaying === true ? 'anybody' : await relayersOf(context, config, chain);
          return [await deployer.core({ relayers })];
        }),
      ),
    );
  common(deploy.command('transfer'))
    .description('token transfer app (ICS20Transfer) on each chain, bound to port transfer')
    .addHelpText('after', examples(['attest deploy transfer --json']))
    .action(
      act<DeployOptions>((context, options) =>
        onChains(context, options, async (deployer) => [await deployer.transfer()]),
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
    .action(
      act<DeployOptions & { connection?: readonly string[]; initialHeight?: string; initialTimestamp?: string }>(
        (context, options) => {
          decimal('--initial-height', options.initialHeight);
          decimal('--initial-timestamp', options.initialTimestamp);
          if ((options.initialHeight === undefined) !== (options.initialTimestamp === undefined)) {
            throw new CliError('cli/usage', '--initial-height and --initial-timestamp belong together');
          }
          return onChains(context, options, async (deployer, chain, config) => {
            for (const id of options.connection ?? []) {
              if (config.connections[id] === undefined)
                throw new CliError('cli/usage', `no connection is called ${id}`);
            }
            const results: DeployResult[] = [];
            for (const [id, { clients }] of Object.entries(config.connections)) {
              if (options.connection !== undefined && !options.connection.includes(id)) continue;
              for (const [client, other] of [clients, clients.toReversed()] as [ClientEntry, ClientEntry][]) {
                if (client.on !== chain) continue;
                const { allowMinorityQuorum, allowSingleAttestor } = client;
                const result = await deployer.client({
                  clientId: client.id,
                  counterpartyClientId: other.id,
                  set: attestorSet(config, client),
                  allowMinorityQuorum,
                  allowSingleAttestor,
                  initialState: () => initialState(config, client, options),
                });
                results.push(result);
              }
            }
            return results;
          });
        },
      ),
    );
  common(deploy.command('handover'))
    .description("move upgrade and admin rights from the deployer's key to a multisig or timelock, on each chain")
    .requiredOption('--admin <address>', 'who becomes admin')
    .option('--allow-plain-account', 'accept an account without code: one key again')
    .addHelpText(
      'after',
      examples(['attest deploy handover --admin 0x5FbDB2315678afecb367f032d93F642f64180aa3 --chain alpha']),
    )
    .action(
      act<DeployOptions & { admin: string; allowPlainAccount?: boolean }>((context, options) => {
        const admin = readAddress('--admin', options.admin);
        return onChains(context, options, async (deployer) => [
          await deployer.handover({ admin, allowPlainAccount: options.allowPlainAccount === true }),
        ]);
      }),
    );
};

const readAddress = (option: string, text: string): Address => {
  try {
    return parseAddress(text);
  } catch (cause) {
    throw new CliError('cli/usage', `${option}: ${(cause as Error).message}`, { cause });
  }
};

import { createLogger } from '@interchain-attestation/service';
import type { CommandContext } from '../context.ts';
import { createKeyring } from '../keys.ts';
import { CliError } from '../output/errors.ts';
import { EXIT, type ExitCode } from '../output/exit-codes.ts';
import { toJson } from '../output/json.ts';
import type { RoleDeps, RunningRole } from '../services/role.ts';
import type { RunningProofApiRole } from '../services/run-proof-api.ts';
import { examples, type Register } from './group.ts';

interface RunOptions {
  readonly only?: string;
  readonly attestor?: readonly string[];
  readonly createGuards?: boolean;
}

const ROLES = ['attestor', 'proof-api', 'relayer'] as const;
type Role = (typeof ROLES)[number];

const GRACE_MS = 10_000;

const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

const chosenRoles = (only: string | undefined): readonly Role[] | undefined => {
  if (only === undefined) return undefined;
  const names = only.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!isRole(name))
      throw new CliError('cli/usage', `--only: expected ${ROLES.join(', ')}, got ${JSON.stringify(name)}`);
  }
  return names.filter(isRole);
};

const announce = ({ output, stdout }: CommandContext, running: readonly RunningRole[]): void => {
  const addresses = running.flatMap(({ role, addresses: bound }) =>
    Object.entries(bound).map(([name, address]) => ({ role, name, address })),
  );
  if (stdout.isTTY !== true || output.json) {
    stdout.write(
      `${toJson({ event: 'ready', pid: process.pid, roles: running.map(({ role }) => role), addresses })}\n`,
    );
    return;
  }
  for (const { role, name, address } of addresses) {
    output.line(`${output.style.green('ready')}  ${role.padEnd(9)}  ${name.padEnd(10)}  ${output.style.dim(address)}`);
  }
  output.line(output.style.dim('Ctrl-C stops.'));
};

const closeAll = async (running: readonly RunningRole[]): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CliError('cli/internal', `stopping took more than ${GRACE_MS} ms`)), GRACE_MS);
  });
  const close = async (): Promise<void> => {
    // Last started, first stopped: the relayer lets go of the proof API before it ends.
    for (const role of running.toReversed()) await role.close();
  };
  try {
    await Promise.race([close(), late]);
  } finally {
    clearTimeout(timer);
  }
};

const run = async (context: CommandContext, options: RunOptions): Promise<ExitCode> => {
  const only = chosenRoles(options.only);
  const config = await context.config();
  const { runnableAttestors } = await import('../services/run-attestors.ts');
  const wants = (role: Role): boolean => only === undefined || only.includes(role);
  const attestors = wants('attestor') ? runnableAttestors(config, options.attestor) : [];
  const roles: Role[] = [
    ...(attestors.length > 0 ? (['attestor'] as const) : []),
    ...(wants('proof-api') && config.proofApi !== undefined ? (['proof-api'] as const) : []),
    ...(wants('relayer') && config.relayer !== undefined ? (['relayer'] as const) : []),
  ];
  const missing = only?.filter((role) => !roles.includes(role)) ?? [];
  if (missing.length > 0) throw new CliError('cli/usage', `the file configures no ${missing.join(' and no ')} to run`);
  if (roles.length === 0) throw new CliError('cli/usage', 'the file configures nothing to run');

  const name = roles.length === 1 ? (roles[0] as string) : 'attest';
  const logger = createLogger({
    name,
    level: config.log.level,
    destination: { write: (line) => context.stderr.write(line) },
  });
  const fatal = Promise.withResolvers<never>();
  fatal.promise.catch(() => {});
  const keyring = createKeyring(context, config);
  const deps: RoleDeps = { context, config, keyring, logger, onFatal: (error) => fatal.reject(error) };
  const running: RunningRole[] = [];
  const stopped = new Promise<'stop'>((resolve) => {
    if (context.signal.aborted) resolve('stop');
    context.signal.addEventListener('abort', () => resolve('stop'), { once: true });
  });
  let local: RunningProofApiRole['client'] | undefined;
  const start = async (): Promise<'started'> => {
    for (const role of roles) {
      if (context.signal.aborted) break;
      if (role === 'attestor') {
        const { runAttestors } = await import('../services/run-attestors.ts');
        running.push(await runAttestors(deps, attestors, { createGuards: options.createGuards === true }));
      } else if (role === 'proof-api') {
        const proofApi = await (await import('../services/run-proof-api.ts')).runProofApi(deps);
        running.push(proofApi);
        local = proofApi.client;
      } else {
        running.push(
          await (await import('../services/run-relayer.ts')).runRelayer(
            deps,
            config.relayer?.proofApi === undefined ? local : undefined,
          ),
        );
      }
    }
    return 'started';
  };
  try {
    await Promise.race([start(), fatal.promise]);
    if (!context.signal.aborted) announce(context, running);
    await Promise.race([stopped, fatal.promise]);
    logger.info('stopping');
  } finally {
    await closeAll(running);
  }
  return EXIT.ok;
};

export const registerRun: Register = (program, act) => {
  program
    .command('run')
    .description('run every role that the file configures: attestors with a signer, the proof API, the relayer')
    .option('--only <roles>', 'comma-separated: attestor, proof-api, relayer')
    .option('--attestor <name...>', 'of the attestors, only these')
    .option('--create-guards', 'make missing guard files; only for keys that have never signed anything')
    .addHelpText(
      'after',
      `\nPrints one JSON line on standard output when everything is ready (a list on a terminal); logs are JSON lines on\nstandard error. SIGTERM and SIGINT stop it in order, a second one at once.\n${examples(
        [
          'attest run',
          'attest run --only attestor --attestor alpha-1 --create-guards',
          'attest run --only proof-api,relayer --config /etc/attest.yaml',
        ],
      )}`,
    )
    .action(act<RunOptions>(run));
};

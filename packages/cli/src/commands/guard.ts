import { isAttestationError } from '@interchain-attestation/core';
import { clearGuard, exportGuard, guardEvidence, guardStatus, importGuard } from '@interchain-attestation/guard';
import type { AttestConfig } from '../config/types.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../output/errors.ts';
import { EXIT } from '../output/exit-codes.ts';
import { printable } from '../output/printable.ts';
import { connectReader } from '../services/chains.ts';
import { guardPath } from '../services/guard-path.ts';
import { examples, type Register } from './group.ts';

type Status = ReturnType<typeof guardStatus>;

const known = (config: AttestConfig, name: string): string => {
  if (config.attestors[name] === undefined) throw new CliError('cli/usage', `no attestor is called ${name}`);
  return name;
};

const statusOf = (path: string): Status | { readonly state: 'none' } => {
  try {
    return guardStatus(path);
  } catch (error) {
    if (isAttestationError(error, 'guard/missing')) return { state: 'none' };
    throw error;
  }
};

const showStatus = (context: CommandContext, name: string, path: string, status: ReturnType<typeof statusOf>): void => {
  const { output } = context;
  const { bold, green, red, yellow } = output.style;
  output.line(bold(name));
  if (status.state === 'none') {
    output.pairs([
      ['  state', yellow('no guard file yet')],
      ['  file', path],
    ]);
    return;
  }
  output.pairs([
    ['  state', status.state === 'ready' ? green('ready') : red(status.state)],
    ...(status.conflict === undefined
      ? []
      : [
          [
            '  conflict',
            red(
              printable(`${status.conflict.rule}: ${status.conflict.detail} (evidence ${status.conflict.evidenceId})`),
            ),
          ] as const,
        ]),
    ['  key', status.key],
    [
      '  source',
      `chain ${status.source.chainId}, ${status.source.store}, genesis ${status.source.genesisHash.slice(0, 18)}…`,
    ],
    [
      '  signs above',
      `height ${status.floorHeight}${status.highestHeight === undefined ? '' : `; highest so far ${status.highestHeight}`}`,
    ],
    [
      '  records',
      `${status.blocks} blocks, ${status.absences} absences, ${status.evidence} evidence, ${(status.fileBytes / 1024).toFixed(0)} KiB`,
    ],
    ['  file', path],
  ]);
};

export const registerGuard: Register = (program, act) => {
  const guard = program
    .command('guard')
    .description('signing guards: what each attestor key has stated, and must never contradict');
  guard
    .command('status [attestor...]')
    .description('state of the guards of this machine; --evidence also prints recorded conflicts')
    .option('--evidence', 'print the newest conflicts with what each RPC said')
    .addHelpText('after', examples(['attest guard status', 'attest guard status alpha-1 --evidence --json']))
    .action(
      act<{ evidence?: boolean }>(async (context, options, names) => {
        const config = await context.config();
        const chosen =
          names.length > 0
            ? names.map((name) => known(config, name))
            : Object.keys(config.attestors).filter((name) => config.attestors[name]?.signer !== undefined);
        const guards = chosen.map((name) => {
          const path = guardPath(config, name);
          const status = statusOf(path);
          showStatus(context, name, path, status);
          const evidence = options.evidence === true && status.state !== 'none' ? guardEvidence(path) : [];
          for (const { id, atMs, rule, detail, cleared } of evidence) {
            context.output.line(
              `  evidence ${id}  ${new Date(atMs).toISOString()}  ${rule}${cleared ? ' (cleared)' : ''}: ${detail}`,
            );
          }
          return { name, path, ...status, ...(options.evidence === true ? { evidenceRecords: evidence } : {}) };
        });
        const stopped = guards.some(({ state }) => state === 'stopped' || state === 'failed');
        context.output.result({ ok: !stopped, guards });
        return stopped ? EXIT.verdict : undefined;
      }),
    );
  guard
    .command('export <attestor>')
    .description('write the guard to a file for another host; from then on it signs no more here')
    .requiredOption('--to <file>', 'file to write; must not exist')
    .requiredOption('--reason <text>', 'kept in the log of the guard')
    .addHelpText('after', examples(['attest guard export alpha-1 --to alpha-1.guard --reason "moving to host b"']))
    .action(
      act<{ to: string; reason: string }>(async (context, options, [name = '']) => {
        const config = await context.config();
        const path = guardPath(config, known(config, name));
        const summary = exportGuard(path, context.path(options.to), { reason: options.reason });
        context.output.line(
          `exported ${summary.blocks} blocks and ${summary.packets} packets to ${options.to}; ${name} signs no more on this host`,
        );
        context.output.result({ ok: true, ...summary, file: context.path(options.to) });
        return undefined;
      }),
    );
  guard
    .command('import <attestor>')
    .description('take over a guard that another host exported')
    .requiredOption('--from <file>', 'the exported file')
    .requiredOption('--reason <text>', 'kept in the log of the guard')
    .addHelpText('after', examples(['attest guard import alpha-1 --from alpha-1.guard --reason "moved from host a"']))
    .action(
      act<{ from: string; reason: string }>(async (context, options, [name = '']) => {
        const config = await context.config();
        const entry = config.attestors[known(config, name)];
        const chain = await connectReader(config, entry?.chain ?? '');
        try {
          const source = await context.output.progress('asking the chain who it is', () => chain.identity());
          const summary = importGuard(context.path(options.from), guardPath(config, name), {
            key: entry?.address ?? '0x',
            source,
            reason: options.reason,
          });
          context.output.line(
            `imported ${summary.blocks} blocks and ${summary.packets} packets${summary.merged ? ', merged with what was here' : ''}`,
          );
          context.output.result({ ok: true, ...summary });
        } finally {
          await chain.close();
        }
        return undefined;
      }),
    );
  guard
    .command('clear <attestor>')
    .description('let a stopped guard sign again, after you have found out why it stopped')
    .requiredOption('--reason <text>', 'what you found; kept in the log of the guard')
    .option(
      '--put-aside-through <height>',
      'sign nothing at or below this height any more, and forget what was recorded there',
    )
    .option('--accept-copy', 'the file was copied or restored on purpose, and no newer one exists anywhere')
    .option('--cancel-move', 'the export was never imported, and its file is destroyed')
    .addHelpText(
      'after',
      examples(['attest guard clear alpha-1 --reason "reorg of 12 May, node resynced" --put-aside-through 18000000']),
    )
    .action(
      act<{ reason: string; putAsideThrough?: string; acceptCopy?: boolean; cancelMove?: boolean }>(
        async (context, options, [name = '']) => {
          const { reason, putAsideThrough, acceptCopy, cancelMove } = options;
          if (putAsideThrough !== undefined && !/^\d{1,20}$/.test(putAsideThrough)) {
            throw new CliError('cli/usage', '--put-aside-through: expected a height');
          }
          const config = await context.config();
          const path = guardPath(config, known(config, name));
          clearGuard(path, {
            reason,
            ...(putAsideThrough === undefined ? {} : { putAsideThrough: BigInt(putAsideThrough) }),
            ...(acceptCopy === true ? { acceptCopy } : {}),
            ...(cancelMove === true ? { cancelMove } : {}),
          });
          const status = guardStatus(path);
          context.output.line(`${name} is ${status.state}`);
          context.output.result({ ok: true, state: status.state });
          return undefined;
        },
      ),
    );
};

import { createKeyring } from '../keys.ts';
import { EXIT } from '../output/exit-codes.ts';
import { printable } from '../output/printable.ts';
import { checkLive } from '../services/live-check.ts';
import { examples, type Register } from './group.ts';

export const registerConfig: Register = (program, act) => {
  const config = program.command('config').description('the configuration file');
  config
    .command('validate')
    .description('check the file; with --live also compare it with its chains, clients and attestors')
    .option('--live', 'ask the chains and the attestors')
    .addHelpText('after', examples(['attest config validate', 'attest config validate --live --json']))
    .action(
      act<{ live?: boolean }>(async (context, options) => {
        const { output } = context;
        const file = await context.config();
        const counts = (['chains', 'signers', 'attestors', 'connections'] as const).map(
          (section) => `${Object.keys(file[section]).length} ${section}`,
        );
        output.line(`${output.style.green('ok')}  ${context.configFile}: ${counts.join(', ')}`);
        if (options.live !== true) {
          output.result({ ok: true, file: context.configFile });
          return undefined;
        }
        const checks = await output.progress('asking chains and attestors', () =>
          checkLive(file, createKeyring(context, file), BigInt(Math.floor(Date.now() / 1000))),
        );
        const { green, yellow, red } = output.style;
        const marks = { ok: green('ok'), warning: yellow('warning'), failed: red('failed') };
        output.line();
        output.table(
          [{ head: '' }, { head: 'subject' }, { head: 'check' }, { head: 'what was found' }],
          checks.map(({ outcome, subject, check, detail }) => [marks[outcome], subject, check, printable(detail)]),
        );
        const ok = checks.every(({ outcome }) => outcome !== 'failed');
        output.result({ ok, file: context.configFile, checks });
        return ok ? undefined : EXIT.verdict;
      }),
    );
};

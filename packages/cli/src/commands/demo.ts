import { type DemoOptions, runDemo } from '../demo/demo.ts';
import { examples, type Register } from './group.ts';

export const registerDemo: Register = (program, act) => {
  program
    .command('demo')
    .description('a guided tour on this machine: two chains, ten attestors, proof API, relayer, tokens moving live')
    .option('--once', 'end after the tour')
    .addHelpText('after', examples(['attest demo', 'attest demo --once --json']))
    .action(act<DemoOptions>((context, options) => runDemo(context, options)));
};

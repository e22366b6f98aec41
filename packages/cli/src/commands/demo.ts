import { type DemoOptions, runDemo } from '../demo/demo.ts';
import { examples, type Register } from './group.ts';

export const registerDemo: Register = (program, act) => {
  program
    .command('demo')
    .description('a guided tour on this machine: chains, attestors, proof API, relayer, tokens moving live')
    .option('--once', 'end after the tour')
    .option('--cosmos', 'with an ibc-go chain; the default where Go is there to build it')
    .option('--no-cosmos', 'EVM chains only')
    .addHelpText('after', examples(['attest demo', 'attest demo --once --json', 'attest demo --no-cosmos']))
    .action(act<DemoOptions>((context, options) => runDemo(context, options)));
};

import { CliError } from '../output/errors.ts';
import type { Output, TextSink } from '../output/output.ts';
import type { Narrator } from './narrator.ts';

/**
 * @param sink where the story goes: standard error when standard output is for JSON
 * @param canErase whether standard error is a terminal
 */
export const createNarrator = (output: Output, sink: TextSink, chapters: number, canErase: boolean): Narrator => {
  const { style } = output;
  let chapter = 0;
  const line = (text = ''): void => {
    output.above(() => sink.write(`${text}\n`));
  };
  return {
    style,
    line,
    chapter: (title, text) => {
      chapter += 1;
      line();
      line(`${style.cyan(`${chapter}/${chapters}`)}  ${style.bold(title)}`);
      line(style.dim(`     ${text}`));
    },
    step: (text, detail = '') => line(`     ${text}${detail === '' ? '' : `  ${style.dim(detail)}`}`),
    check: (holds, text) => {
      line(`  ${holds ? style.green('✓') : style.red('✗')}  ${text}`);
      if (!holds) throw new CliError('cli/verdict', `the demo expected: ${text}`);
    },
    note: (text) => line(`  ${style.yellow('·')}  ${text}`),
    // Only where it can be wiped away again: what stays is told by steps.
    waiting: (text, task) => (canErase ? output.progress(`   ${text}`, task) : task()),
  };
};

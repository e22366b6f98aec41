import type { Command } from 'commander';
import type { Act } from '../program.ts';

/** Adds a command or a group of them to the program. */
export type Register = (program: Command, act: Act) => void;

/** Examples below the help of a command, in the one form that all of them share. */
export const examples = (lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;

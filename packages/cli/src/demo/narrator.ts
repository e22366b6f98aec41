import type { Output } from '../output/output.ts';

/** Tells a newcomer what is going on, in lines that stay. */
export interface Narrator {
  readonly style: Output['style'];
  /** A new part of the tour. */
  chapter(title: string, text: string): void;
  /** Something happened. */
  step(text: string, detail?: string): void;
  /** Something was checked, on chain. @throws CliError `cli/verdict` when it does not hold */
  check(holds: boolean, text: string): void;
  /** Nothing happened yet, which is the point, or something to know. */
  note(text: string): void;
  line(text?: string): void;
  /** Shows that something is being waited for. */
  waiting<T>(text: string, task: () => Promise<T>): Promise<T>;
}

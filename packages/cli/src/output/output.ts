import { toJson } from './json.ts';
import { printable, printableLine } from './printable.ts';
import { createStyle, isColoured, type Style } from './style.ts';
import { type Column, formatPairs, formatTable } from './table.ts';

/** Where text goes: the part of a stream that is needed. */
export interface TextSink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * What a command says. People read standard output; with `--json` it carries one JSON object and nothing else, and
 * progress goes to standard error either way.
 */
export interface Output {
  readonly json: boolean;
  readonly style: Style;
  /** A line for people, see {@link printableLine}; nothing with `--json`. */
  line(text?: string): void;
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void;
  pairs(pairs: readonly (readonly [string, string])[]): void;
  /** The answer as JSON; nothing without `--json`. */
  result(value: unknown): void;
  /** Something that the user should know although the command succeeds. */
  warn(text: string): void;
  /** Writes something while a progress line may stand on the terminal: it is wiped first, and drawn again below. */
  above(write: () => void): void;
  /** Runs a task, and shows what it is waiting for once that takes longer than a moment. */
  progress<T>(text: string, task: (update: (text: string) => void) => Promise<T>): Promise<T>;
}

const PATIENCE_MS = 600;
const FRAME_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export interface OutputOptions {
  readonly json: boolean;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Once aborted, no progress is drawn any more. */
  readonly signal?: AbortSignal;
}

export const createOutput = ({ json, stdout, stderr, env, signal }: OutputOptions): Output => {
  const style = createStyle(stdout.isTTY === true, env);
  const errorStyle = createStyle(stderr.isTTY === true, env);
  // Without colours of ours, every colour is that of somebody else.
  const shown = isColoured(stdout.isTTY === true, env) ? printableLine : printable;
  let drawn = false;
  const above: Output['above'] = (write) => {
    if (drawn) stderr.write('\r\u001b[2K');
    drawn = false;
    write();
  };
  const line = (text = ''): void => {
    if (!json) above(() => stdout.write(`${shown(text)}\n`));
  };

  const progress: Output['progress'] = async (text, task) => {
    let current = printable(text);
    let last = '';
    let frame = 0;
    const draw = (): void => {
      if (signal?.aborted === true) return;
      if (stderr.isTTY === true) {
        stderr.write(`\r\u001b[2K${errorStyle.cyan(FRAMES[frame++ % FRAMES.length] ?? '')} ${current}`);
        drawn = true;
      } else if (current !== last) stderr.write(`${current}\n`);
      last = current;
    };
    let ticker: NodeJS.Timeout | undefined;
    const patience = setTimeout(() => {
      draw();
      ticker = setInterval(draw, FRAME_MS);
    }, PATIENCE_MS);
    try {
      return await task((next) => {
        current = printable(next);
      });
    } finally {
      clearTimeout(patience);
      clearInterval(ticker);
      above(() => {});
    }
  };

  return {
    json,
    style,
    line,
    above,
    table: (columns, rows) => {
      const cells = rows.map((row) => row.map(shown));
      for (const text of formatTable(columns, cells, style.dim)) line(text);
    },
    pairs: (pairs) => {
      const cells = pairs.map(([key, value]) => [key, shown(value)] as const);
      for (const text of formatPairs(cells, style.dim)) line(text);
    },
    result: (value) => {
      if (json) stdout.write(`${toJson(value)}\n`);
    },
    warn: (text) => {
      above(() => stderr.write(`${errorStyle.yellow('warning:')} ${printable(text)}\n`));
    },
    progress,
  };
};

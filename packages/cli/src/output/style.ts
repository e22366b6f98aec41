/** Colours and marks of a terminal, or none of them. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const sgr =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;
const plain = (text: string): string => text;

const COLOURED: Style = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  green: sgr(32, 39),
  red: sgr(31, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39),
};
const PLAIN: Style = { bold: plain, dim: plain, green: plain, red: plain, yellow: plain, cyan: plain };

type Variables = Readonly<Record<string, string | undefined>>;

/** Colours on a terminal, unless `NO_COLOR` says otherwise; `FORCE_COLOR` turns them on anywhere. */
export const isColoured = (isTerminal: boolean, env: Variables): boolean => {
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0') return true;
  return isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
};

export const createStyle = (isTerminal: boolean, env: Variables): Style =>
  isColoured(isTerminal, env) ? COLOURED : PLAIN;

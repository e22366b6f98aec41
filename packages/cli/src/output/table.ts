// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours are control characters
const ESCAPES = /\u001b\[\d+m/g;

/** Width on a terminal; counts no colours. The tables hold no wide characters. */
export const displayWidth = (text: string): number => [...text.replace(ESCAPES, '')].length;

/** A column: its head, and whether numbers line up at their end. */
export interface Column {
  readonly head: string;
  readonly alignRight?: boolean;
}

const pad = (text: string, width: number, alignRight: boolean): string => {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return alignRight ? space + text : text + space;
};

/** Lines of a table, two spaces between columns; a last line may be kept apart through `footer`. */
export const formatTable = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  dim: (text: string) => string = (text) => text,
): readonly string[] => {
  const widths = columns.map(({ head }, index) =>
    Math.max(displayWidth(head), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ alignRight = false }, index) => pad(cells[index] ?? '', widths[index] ?? 0, alignRight))
      .join('  ')
      .trimEnd();
  return [dim(line(columns.map(({ head }) => head))), ...rows.map(line)];
};

/** Lines of `name  value` pairs with the values in one column. */
export const formatPairs = (
  pairs: readonly (readonly [string, string])[],
  dim: (text: string) => string,
): readonly string[] => {
  const width = Math.max(0, ...pairs.map(([key]) => displayWidth(key)));
  return pairs.map(([key, value]) => `${dim(pad(key, width, false))}  ${value}`.trimEnd());
};

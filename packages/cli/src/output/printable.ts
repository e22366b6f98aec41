// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** The marks of `style.ts`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const COLOURS = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/;

const spell = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`;
};

/**
 * One line of text as a terminal may show it: what moves the cursor, ends the line, paints it or turns the direction of
 * writing is spelled out. Chains, packets and nodes send such text; nobody shall write a verdict of their own with it.
 */
export const printable = (text: string): string => text.replace(CONTROLS, spell);

/** The same for a line that we painted: our colours stay. What others sent in it has to be printable before. */
export const printableLine = (text: string): string =>
  text
    .split(COLOURS)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join('');

/** What others sent, with every text of it printable. */
export const printableFields = <T extends object>(value: T): T =>
  Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, typeof field === 'string' ? printable(field) : field]),
  ) as T;

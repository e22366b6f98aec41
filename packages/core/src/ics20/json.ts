import { utf8ToBytes } from '../bytes.ts';
import { type Ics20PacketData, parseIcs20Amount, throwInvalidIcs20 } from './data.ts';

const FIELDS: readonly string[] = ['denom', 'amount', 'sender', 'receiver', 'memo'];
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// Go's JSON encoder writes these as \u escapes, JavaScript's does not: without it the same transfer would have two
// spellings, and so two packet commitments, depending on which side encoded it.
const GO_ESCAPED = /[<>&\u2028\u2029]/g;
const escapeLikeGo = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** `application/json`, byte for byte as ibc-go writes it: this field order, empty strings left out, amount as text. */
export const encodeIcs20Json = (data: Ics20PacketData): Uint8Array => {
  const { denom, amount, sender, receiver, memo } = data;
  const entries = Object.entries({ denom, amount: amount.toString(), sender, receiver, memo });
  const text = JSON.stringify(Object.fromEntries(entries.filter(([, value]) => value !== '')));
  return utf8ToBytes(text.replace(GO_ESCAPED, escapeLikeGo));
};

/**
 * Member names of a flat JSON object in their order of appearance, duplicates included. `text` must have parsed as
 * JSON: strings and braces are then all there is to tell apart.
 */
const memberNames = (text: string): string[] => {
  const names: string[] = [];
  for (const match of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?/gs)) {
    if (match[2] !== undefined) names.push(JSON.parse(match[1] ?? '""') as string);
  }
  return names;
};

/**
 * Strict decoder of `application/json`: an object of strings with known names, each at most once. Go's decoder is laxer
 * (it ignores unknown names, takes any letter case, and lets the last duplicate win), which lets two readers see two
 * different transfers in one packet.
 * @throws CoreError `ics20/invalid`
 */
export const decodeIcs20Json = (bytes: Uint8Array): Ics20PacketData => {
  let text: string;
  let parsed: unknown;
  try {
    text = utf8Decoder.decode(bytes);
    parsed = JSON.parse(text);
  } catch (cause) {
    return throwInvalidIcs20('not JSON in UTF-8', cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return throwInvalidIcs20('not a JSON object');
  }
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(parsed)) {
    if (!FIELDS.includes(name)) throwInvalidIcs20(`unknown field ${JSON.stringify(name.slice(0, 80))}`);
    if (typeof value !== 'string') return throwInvalidIcs20(`${name} is not a string`);
    if (!value.isWellFormed()) throwInvalidIcs20(`${name} is not well-formed Unicode`);
    values.set(name, value);
  }
  // All values are strings by now, so the object is flat, and a name that appears twice shows in the count.
  if (memberNames(text).length !== values.size) throwInvalidIcs20('a field is given twice');
  const field = (name: string): string => values.get(name) ?? '';
  return {
    denom: field('denom'),
    sender: field('sender'),
    receiver: field('receiver'),
    amount: parseIcs20Amount(field('amount')),
    memo: field('memo'),
  };
};

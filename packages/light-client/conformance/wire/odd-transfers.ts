import { concatBytes, encodeIcs20PacketData, type Ics20Encoding, utf8ToBytes } from '@interchain-attestation/core';
import { mutateBytes } from '../generate/abi-mutations.ts';
import type { Random } from '../generate/random.ts';
import { someText, someTransfer } from './values.ts';

const AMOUNTS = [
  '0',
  '1',
  '007',
  '+5',
  '-5',
  '5.0',
  '1e3',
  '0x10',
  ' 5',
  '5 ',
  '',
  'x',
  `1${'0'.repeat(80)}`,
  '٣',
  '1_000',
];

/** A JSON string in any of its spellings, and some that are none. */
const spellString = (random: Random, text: string): string => {
  const plain = JSON.stringify(text);
  switch (random.int(30)) {
    case 0:
      return `"${[...text].map((char) => [...Array(char.length).keys()].map((i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')).join('')}"`;
    case 1:
      return plain.replaceAll('/', '\\/');
    case 2:
      return random.pick([
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\ud83d\\ude80"',
        '"\\uFFFF"',
        '"\\x41"',
        '"\t"',
        '"\u007f"',
      ]);
    default:
      return plain;
  }
};

const spellName = (random: Random, name: string): string => {
  if (random.chance(0.97)) return `"${name}"`;
  return random.pick([
    `"${name.toUpperCase()}"`,
    `"${name[0]?.toUpperCase()}${name.slice(1)}"`,
    `"\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}"`,
    `"${name} "`,
  ]);
};

/** JSON of a transfer as no encoder of ours writes it. */
const oddJson = (random: Random): Uint8Array => {
  const { denom, sender, receiver, amount, memo } = someTransfer(random);
  const fields = Object.entries({
    denom,
    amount: random.chance(0.7) ? String(amount) : random.pick(AMOUNTS),
    sender,
    receiver,
    memo,
  });
  const members = (random.chance(0.5) ? random.shuffle(fields) : fields)
    .filter(() => random.chance(0.98))
    .map(([name, text]) => {
      const value = random.chance(0.93)
        ? spellString(random, text)
        : random.pick(['null', '5', 'true', '[]', '{}', '""']);
      return `${spellName(random, name)}${random.pick([':', ' : ', '\n:\t'])}${value}`;
    });
  if (random.chance(0.1)) members.splice(random.int(members.length + 1), 0, random.pick(members) ?? '"memo":""');
  if (random.chance(0.1))
    members.push(random.pick(['"denom":"other"', '"extra":1', '"extra":{"denom":"x"}', '"":""', '"__proto__":"x"']));
  const text = `{${members.join(random.pick([',', ' , ', ',\n']))}}`;
  const around = [`\ufeff${text}`, `${text}x`, `${text}{}`, `[${text}]`, 'null', '"x"', '{}', '', text.slice(0, -1)];
  const whole = random.chance(0.8) ? random.pick([text, ` ${text}\n`]) : random.pick(around);
  const bytes = utf8ToBytes(whole);
  if (random.chance(0.08))
    bytes[random.int(Math.max(1, bytes.length))] = random.pick([0x80, 0xff, 0xc0, 0xed, 0x22, 0x5c]);
  return bytes;
};

const oddProtobuf = (random: Random): Uint8Array => {
  const whole = encodeIcs20PacketData(someTransfer(random), 'application/x-protobuf');
  const field = (tag: number, text: string): Uint8Array => {
    const bytes = utf8ToBytes(text);
    return concatBytes(Uint8Array.of(tag, bytes.length), bytes);
  };
  switch (random.int(6)) {
    case 0: // a field twice
      return concatBytes(whole, field(random.pick([10, 18, 26, 34, 42]), random.pick(['5', 'x', ''])));
    case 1: // a field that is not known, critical or not
      return concatBytes(
        whole,
        random.pick([field(50, 'x'), Uint8Array.of(0x30, 1), Uint8Array.of(0x82, 0x40, 1, 0x78)]),
      );
    case 2:
      return whole.subarray(0, random.int(whole.length));
    case 3: // amounts in all spellings
      return concatBytes(field(10, 'uatom'), field(18, random.pick(AMOUNTS)), field(26, 's'), field(34, 'r'));
    case 4: {
      const out = whole.slice();
      out[random.int(out.length)] = random.int(256);
      return out;
    }
    default: // another order
      return concatBytes(
        field(34, 'r'),
        field(18, '7'),
        field(10, 'uatom'),
        field(26, `s${someText(random, 2)}`.slice(0, 20)),
      );
  }
};

/** Encoded transfers that are spelled oddly, or damaged. */
export const oddTransfer = (random: Random, encoding: Ics20Encoding): Uint8Array => {
  switch (encoding) {
    case 'application/json':
      return oddJson(random);
    case 'application/x-protobuf':
      return oddProtobuf(random);
    case 'application/x-solidity-abi':
      return mutateBytes(random, encodeIcs20PacketData(someTransfer(random), encoding));
  }
};

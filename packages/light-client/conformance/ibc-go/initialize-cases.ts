import { createRandom, type Random } from '../generate/random.ts';
import { keyAt } from '../generate/signatures.ts';
import { MAX } from '../generate/subject.ts';
import type { Case } from './cases.ts';

const spell = (random: Random, address: string): string =>
  random.pick([
    address,
    address,
    address.toLowerCase(),
    address.slice(2),
    `0X${address.slice(2).toUpperCase()}`,
    // A checksum that is wrong: nobody looks at it.
    `0x${[...address.slice(2)].map((char, i) => (i % 2 === 0 ? char.toLowerCase() : char.toUpperCase())).join('')}`,
  ]);

const NO_ADDRESSES = [
  '',
  '0x',
  'x',
  `0x${'0'.repeat(39)}`,
  `0x${'0'.repeat(41)}`,
  `0x${'g'.repeat(40)}`,
  'é'.repeat(20),
];

const attestorsOf = (random: Random): string[] => {
  const addresses = Array.from({ length: random.int(6) }, (_, i) => spell(random, keyAt(i).address));
  if (random.chance(0.2)) addresses.push(spell(random, keyAt(random.int(3)).address));
  if (random.chance(0.2)) addresses.splice(random.int(addresses.length + 1), 0, random.pick(NO_ADDRESSES));
  if (random.chance(0.05)) addresses.push(`0x${'0'.repeat(40)}`);
  return addresses;
};

/** First states, good and bad, and what the client then says of itself. */
export const initializeCases = (seed: string, count: number): Case[] =>
  Array.from({ length: count }, (_, i): Case => {
    const random = createRandom(`${seed}/initialize/${i}`);
    const attestors = attestorsOf(random);
    const height = random.pick([0n, 1n, 100n, MAX]);
    return {
      name: `seed ${seed} first state ${i}`,
      level: random.pick(['module', 'core']),
      store: [],
      steps: [
        {
          kind: 'initialize',
          attestors,
          minRequiredSigs: random.chance(0.8)
            ? Math.min(attestors.length, 1 + random.int(4))
            : random.pick([0, attestors.length + 1, 255, 256, 0xffff_ffff]),
          height,
          timestampSec: random.chance(0.8) ? 1_700_000_000n : random.pick([0n, 1n, 1n << 55n, (1n << 55n) + 1n, MAX]),
        },
        { kind: 'status' },
        { kind: 'latestHeight' },
        { kind: 'timestampAtHeight', height },
      ],
    };
  });

import { sha256, utf8ToBytes } from '@interchain-attestation/core';

/** A source of choices that a seed repeats exactly. */
export interface Random {
  /** 0 <= result < limit */
  int(limit: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  pick<T>(choices: readonly T[]): T;
  bytes(length: number): Uint8Array;
  shuffle<T>(items: readonly T[]): T[];
}

/** Generator of its own for each text: case 17 of a seed is the same whether or not cases 0 to 16 were made. */
export const createRandom = (seed: string): Random => {
  let state = new DataView(sha256(utf8ToBytes(seed)).buffer).getUint32(0);
  // mulberry32: choices need no better one.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const random: Random = {
    int: (limit) => next() % limit,
    chance: (p) => next() < p * 2 ** 32,
    pick(choices) {
      if (choices.length === 0) throw new RangeError('nothing to pick from');
      return choices[random.int(choices.length)] as (typeof choices)[number];
    },
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    shuffle(items) {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = random.int(i + 1);
        [out[i], out[j]] = [out[j] as (typeof out)[number], out[i] as (typeof out)[number]];
      }
      return out;
    },
  };
  return random;
};

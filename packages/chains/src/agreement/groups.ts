import type { Vote } from './ballot.ts';

/** Sources that said the same. */
export interface Group<T> {
  readonly value: T;
  readonly by: readonly number[];
}

/** Votes by what they say, the largest group first. */
export const groupVotes = <T>(votes: readonly Vote<T>[], isSame: (a: T, b: T) => boolean): readonly Group<T>[] => {
  const groups: { value: T; by: number[] }[] = [];
  for (const { by, value } of votes) {
    const group = groups.find((one) => isSame(one.value, value));
    if (group === undefined) groups.push({ value, by: [by] });
    else group.by.push(by);
  }
  return groups.sort((a, b) => b.by.length - a.by.length);
};

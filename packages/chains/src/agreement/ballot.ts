/** What one of several sources answered. */
export interface Vote<T> {
  /** Which source, by its place. */
  readonly by: number;
  readonly value: T;
}

/** A source that could not answer. */
export interface Abstention {
  readonly by: number;
  readonly error: unknown;
}

/** All that was answered so far to one question. */
export interface Ballot<T> {
  readonly votes: readonly Vote<T>[];
  readonly abstentions: readonly Abstention[];
  /** How many may still answer. */
  readonly open: number;
}

/** What follows from the answers; undefined while more are needed, which must not be once none is open. */
export type Decide<T, R> = (ballot: Ballot<T>) => { readonly value: R } | { readonly error: unknown } | undefined;

/**
 * Asks `count` sources at once. Settled as soon as `decide` can: nobody waits for the slowest.
 * @param ask an async function: nothing is thrown at the caller
 * @param onVotes told of all votes at the decision, and again with each that comes later
 */
export const castBallot = <T, R>(
  count: number,
  ask: (source: number) => Promise<T>,
  decide: Decide<T, R>,
  onVotes: (votes: readonly Vote<T>[]) => void,
): Promise<R> =>
  new Promise<R>((resolve, reject) => {
    const votes: Vote<T>[] = [];
    const abstentions: Abstention[] = [];
    let isDecided = false;
    const look = (): void => {
      if (!isDecided) {
        const found = decide({ votes, abstentions, open: count - votes.length - abstentions.length });
        if (found === undefined) return;
        isDecided = true;
        if ('value' in found) resolve(found.value);
        else reject(found.error);
      }
      onVotes(votes);
    };
    for (let by = 0; by < count; by++) {
      ask(by)
        .then(
          (value) => void votes.push({ by, value }),
          (error: unknown) => void abstentions.push({ by, error }),
        )
        .then(look)
        .catch(reject);
    }
  });

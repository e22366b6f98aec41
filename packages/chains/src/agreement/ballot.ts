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
  /** Sources that may still answer. */
  readonly open: ReadonlySet<number>;
}

/** What follows from the answers; undefined while more are needed, which must not be once none is open. */
export type Decide<T, R> = (ballot: Ballot<T>) => { readonly value: R } | { readonly error: unknown } | undefined;

export interface Cast<R> {
  /** Settled as soon as `decide` can: nobody waits for the slowest. */
  readonly decision: Promise<R>;
  /** Decides again, after something else than an answer has changed. */
  reconsider(): void;
}

/** Asks sources, named by their places, at once. @param onComplete told when the last of them has answered, long after it was decided maybe */
export const castBallot = <T, R>(
  sources: Iterable<number>,
  ask: (source: number) => Promise<T>,
  decide: Decide<T, R>,
  onComplete: (ballot: Ballot<T>) => void = () => {},
): Cast<R> => {
  const votes: Vote<T>[] = [];
  const abstentions: Abstention[] = [];
  const open = new Set(sources);
  const ballot: Ballot<T> = { votes, abstentions, open };
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  let isDecided = false;
  const reconsider = (): void => {
    if (isDecided) return;
    const found = decide(ballot);
    if (found === undefined) return;
    isDecided = true;
    if ('value' in found) resolve(found.value);
    else reject(found.error);
  };
  const close = (source: number): void => {
    open.delete(source);
    reconsider();
    if (open.size === 0) onComplete(ballot);
  };
  for (const by of [...open]) {
    ask(by).then(
      (value) => {
        votes.push({ by, value });
        close(by);
      },
      (error: unknown) => {
        abstentions.push({ by, error });
        close(by);
      },
    );
  }
  return { decision: promise, reconsider };
};

/** A list that a test can wait on: resolves as soon as the condition holds after a change. */
export interface Watched<T> {
  readonly items: readonly T[];
  push(item: T): void;
  until(condition: (items: readonly T[]) => boolean): Promise<void>;
}

export const createWatched = <T>(): Watched<T> => {
  const items: T[] = [];
  let changed = Promise.withResolvers<void>();
  return {
    items,
    push(item) {
      items.push(item);
      const { resolve } = changed;
      changed = Promise.withResolvers<void>();
      resolve();
    },
    async until(condition) {
      while (!condition(items)) await changed.promise;
    },
  };
};

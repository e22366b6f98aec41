/** Runs tasks one after the other, in the order given; a task that fails does not stop the next. */
export const createMutex = (): (<T>(task: () => Promise<T>) => Promise<T>) => {
  let tail: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = tail.then(task);
    tail = result.catch(() => {});
    return result;
  };
};

/** One change: a value to set, or undefined to delete the key. */
export interface StoreWrite {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/**
 * Where a client keeps its state. Reads and writes are synchronous: a light client runs inside a block or a simulation,
 * where its store is in memory. A call of the client makes at most one `apply`, after all of its checks passed, so a
 * store that applies a batch atomically never holds half an update.
 */
export interface KeyValueStore {
  get(key: string): Uint8Array | undefined;
  /** All of the writes or none of them. */
  apply(writes: readonly StoreWrite[]): void;
}

/** A store in memory that can also list itself, for tests and for snapshots of on-chain clients. */
export interface MemoryStore extends KeyValueStore {
  entries(): IterableIterator<[string, Uint8Array]>;
}

/** A store in memory. Values are copied in, so a caller that reuses its buffer cannot change what was stored. */
export const createMemoryStore = (): MemoryStore => {
  const values = new Map<string, Uint8Array>();
  return {
    get: (key) => values.get(key),
    entries: () => values.entries(),
    apply(writes) {
      for (const { key, value } of writes) {
        if (value === undefined) values.delete(key);
        else values.set(key, value.slice());
      }
    },
  };
};

/** A store whose writes stay in memory until `commit` hands them to the store below in one batch. */
export interface OverlayStore extends KeyValueStore {
  commit(): void;
}

/** Puts a layer over `below` that can be dropped (a reverted transaction) or committed. */
export const createOverlayStore = (below: KeyValueStore): OverlayStore => {
  const pending = new Map<string, StoreWrite>();
  return {
    get(key) {
      const write = pending.get(key);
      return write === undefined ? below.get(key) : write.value;
    },
    apply(writes) {
      for (const { key, value } of writes) pending.set(key, { key, value: value?.slice() });
    },
    commit() {
      below.apply([...pending.values()]);
      pending.clear();
    },
  };
};

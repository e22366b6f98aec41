import fs from 'node:fs';

/** Above this an asynchronous flush, which costs a thread hop, beats blocking the event loop. */
const SLOW_FLUSH_MS = 0.5;

/** Brings SQLite's journal to the disk after a commit. */
export interface Journal {
  flush(): Promise<void>;
  flushSync(): void;
  close(): void;
}

/**
 * In WAL mode `synchronous=FULL` is `NORMAL` plus one fdatasync of the journal after each commit. This does that
 * fdatasync, so that a slow disk need not hold up the event loop: other requests are read and checked meanwhile. On a
 * disk that answers within half a millisecond it blocks, which costs less than the way to a thread and back.
 *
 * A second descriptor of the journal is safe: SQLite keeps its locks on the main file and on `-shm`, never on this one.
 * The file must exist and stays the same one as long as the database is open.
 */
export const openJournal = (path: string): Journal => {
  const fd = fs.openSync(path, 'r+');
  let recentMs = 0;
  const noteSince = (start: number): void => {
    recentMs = recentMs * 0.8 + (performance.now() - start) * 0.2;
  };
  const flushSync = (): void => {
    const start = performance.now();
    fs.fdatasyncSync(fd);
    noteSince(start);
  };
  return {
    flushSync,
    flush: async () => {
      if (recentMs < SLOW_FLUSH_MS) return flushSync();
      const start = performance.now();
      await new Promise<void>((resolve, reject) => {
        fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
      });
      noteSince(start);
    },
    close: () => fs.closeSync(fd),
  };
};

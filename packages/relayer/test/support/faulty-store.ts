import type { Kysely, KyselyPlugin } from 'kysely';
import { openDatabase } from '../../src/store/open-database.ts';
import type { Database } from '../../src/store/schema.ts';

/** A store whose writes can be made to fail. */
export interface FaultyStore {
  open(path: string): Promise<Kysely<Database>>;
  /** Writes so far. */
  writes: number;
  /** Which writes fail, by their number from 1. */
  fails: (write: number, table: string) => boolean;
}

const isWrite = (kind: string): boolean => ['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'].includes(kind);

class DiskFull extends Error {
  override readonly name = 'SqliteError';
  readonly code = 'SQLITE_FULL';
}

/** Creates a store of which no write fails yet. */
export const createFaultyStore = (): FaultyStore => {
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      // Changed packets are written by a statement that begins with its values, as raw text.
      const isRawWrite = node.kind === 'RawNode' && node.sqlFragments.some((text) => text.includes('update packets'));
      if (isWrite(node.kind) || isRawWrite) {
        store.writes += 1;
        const table = node.kind === 'InsertQueryNode' ? (node.into?.table.identifier.name ?? '') : 'packets';
        if (store.fails(store.writes, table)) throw new DiskFull('database or disk is full');
      }
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  const store: FaultyStore = {
    open: async (path) => (await openDatabase(path)).withPlugin(plugin),
    writes: 0,
    fails: () => false,
  };
  return store;
};

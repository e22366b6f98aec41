import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Why a route stands still until an operator resumes it. */
export interface Halt {
  readonly routeId: string;
  readonly code: string;
  readonly reason: string;
  readonly atMs: number;
}

/** Routes that stand still; kept over restarts, so that a restart never resumes one by accident. */
export interface HaltStore {
  list(): Promise<Halt[]>;
  /** Keeps the first reason when the route stands still already. */
  add(halt: Halt): Promise<void>;
  remove(routeId: string): Promise<boolean>;
}

/** Opens the halts of the store. */
export const createHaltStore = (db: Kysely<Database>): HaltStore => ({
  list: async () =>
    (await db.selectFrom('halts').selectAll().execute()).map((row) => ({
      routeId: row.route_id,
      code: row.code,
      reason: row.reason,
      atMs: row.at_ms,
    })),
  add: async ({ routeId, code, reason, atMs }) => {
    await db
      .insertInto('halts')
      .values({ route_id: routeId, code, reason, at_ms: atMs })
      .onConflict((conflict) => conflict.column('route_id').doNothing())
      .execute();
  },
  remove: async (routeId) => {
    const { numDeletedRows } = await db.deleteFrom('halts').where('route_id', '=', routeId).executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  },
});

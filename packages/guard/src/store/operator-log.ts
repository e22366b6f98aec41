import type { Database } from 'better-sqlite3';
import type { OperatorAction } from '../types.ts';

/** Writes down what an operator did; call it in the open transaction. */
export const logOperatorAction = (db: Database, entry: OperatorAction): void => {
  db.prepare('insert into operator_log (at_ms, action, reason) values (?, ?, ?)').run(
    BigInt(entry.atMs),
    entry.action,
    entry.reason,
  );
};

/** The newest hundred, newest first. */
export const readOperatorLog = (db: Database, limit = 100): readonly OperatorAction[] =>
  db
    .prepare<[number], { at_ms: bigint; action: string; reason: string }>(
      'select at_ms, action, reason from operator_log order by id desc limit ?',
    )
    .all(limit)
    .map((row) => ({ atMs: Number(row.at_ms), action: row.action as OperatorAction['action'], reason: row.reason }));

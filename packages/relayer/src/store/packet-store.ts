import type { Kysely, Transaction } from 'kysely';
import type { PacketKey, PacketRecord } from '../domain/packet-record.ts';
import { type BaseState, baseState, LEG_START, type Leg } from '../domain/packet-state.ts';
import type { Direction } from '../domain/route.ts';
import { type Cursor, writeCursor } from './cursors.ts';
import { rowToRecord } from './rows.ts';
import { type PacketChange, savePackets } from './save-packets.ts';
import { type Database, toSqlUint64 } from './schema.ts';

/** Which records a change needs to see. */
export interface MutationScope {
  readonly keys: readonly PacketKey[];
  /** Also all records that have a fact on this chain in these blocks, both included. */
  readonly facts?: { readonly chainId: string; readonly from: bigint; readonly to: bigint };
}

/** Finds records by key. */
export const keyText = ({ sourceChainId, sourceClientId, sequence }: PacketKey): string =>
  `${sourceChainId}\n${sourceClientId}\n${sequence}`;

type Records = Map<string, PacketRecord>;

const CHUNK = 200;

const chunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, i) => items.slice(i * CHUNK, (i + 1) * CHUNK));

const loadKeys = async (trx: Transaction<Database>, keys: readonly PacketKey[], into: Records): Promise<void> => {
  const groups = Map.groupBy(keys, ({ sourceChainId, sourceClientId }) => `${sourceChainId}\n${sourceClientId}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    for (const part of chunks([...new Set(group.map(({ sequence }) => toSqlUint64(sequence)))])) {
      const rows = await trx
        .selectFrom('packets')
        .selectAll()
        .where('source_chain_id', '=', first.sourceChainId)
        .where('source_client_id', '=', first.sourceClientId)
        .where('sequence', 'in', part)
        .execute();
      for (const record of rows.map(rowToRecord)) into.set(keyText(record), record);
    }
  }
};

const loadFacts = async (
  trx: Transaction<Database>,
  { chainId, from, to }: NonNullable<MutationScope['facts']>,
  into: Records,
): Promise<void> => {
  const [low, high] = [toSqlUint64(from), toSqlUint64(to)];
  const lookups = [
    ['source_chain_id', 'send_height'],
    ['dest_chain_id', 'receive_height'],
    ['dest_chain_id', 'accepted_height'],
    ['source_chain_id', 'acknowledge_height'],
    ['source_chain_id', 'timeout_height'],
  ] as const;
  for (const [chain, height] of lookups) {
    const rows = await trx
      .selectFrom('packets')
      .selectAll()
      .where(chain, '=', chainId)
      .where(height, '>=', low)
      .where(height, '<=', high)
      .execute();
    for (const record of rows.map(rowToRecord)) into.set(keyText(record), record);
  }
};

/** The durable record of packets. Every change is one transaction, together with the cursor it belongs to. */
export interface PacketStore {
  /**
   * Loads the records in scope, lets `change` compute new ones (pure, synchronous) and stores what changed, with the
   * cursor when given, in one transaction.
   */
  mutate(
    scope: MutationScope,
    change: (records: ReadonlyMap<string, PacketRecord>) => readonly PacketRecord[],
    cursor?: Cursor,
  ): Promise<PacketChange[]>;
  /**
   * Packets that wait for work on this leg, oldest first: nothing in progress, not given up, due.
   * @param aliveAfterSec only those whose timeout is later than this, so that no others stand before them
   */
  ready(leg: Leg, direction: Direction, nowMs: number, limit: number, aliveAfterSec?: bigint): Promise<PacketRecord[]>;
  /** Unix milliseconds at which the next packet of this leg becomes due, if any waits. */
  nextDueMs(leg: Leg, direction: Direction, nowMs: number): Promise<number | undefined>;
  /** Another number whenever packets of this direction may have changed: what was read with it before holds as long. */
  version(direction: Direction): number;
  /**
   * Receivable packets whose timeout is at most this time on the destination, dead letters included, by timeout and
   * sequence.
   * @param after the packet behind which to begin
   */
  expirable(
    direction: Direction,
    finalTimestampSec: bigint,
    limit: number,
    after?: PacketRecord,
  ): Promise<PacketRecord[]>;
  byKeys(keys: readonly PacketKey[]): Promise<PacketRecord[]>;
  /** Records that have a fact on this chain in these blocks, both included. */
  factsIn(chainId: string, from: bigint, to: bigint): Promise<PacketRecord[]>;
  /** Records with something in progress: what a stop in the middle leaves behind. */
  inProgress(): Promise<PacketRecord[]>;
  /** Packets at their end, oldest change first: a final fact says so, and every one of their facts is old. */
  finished(direction: Direction, age: FinishedAge): Promise<PacketRecord[]>;
  /** Removes packets that are still as they were read. @returns how many */
  remove(records: readonly PacketRecord[]): Promise<number>;
  /** Packets with a final receive and no known send, unless they were judged. */
  orphans(direction: Direction, limit: number): Promise<PacketRecord[]>;
}

/** How old finished packets must be. */
export interface FinishedAge {
  /** Last change, Unix milliseconds. */
  readonly beforeMs: number;
  /** Highest block of the source, and of the destination, that may hold one of their facts. */
  readonly sourceHeight: bigint;
  readonly destHeight: bigint;
  readonly limit: number;
}

const FINISHED: readonly BaseState[] = ['acknowledged', 'timed-out', 'dropped'];

/** Opens the packet side of the store. */
export const createPacketStore = (db: Kysely<Database>, now: () => number): PacketStore => {
  const waiting = (leg: Leg, { routeId, source }: Direction) =>
    db
      .selectFrom('packets')
      .where('base', '=', LEG_START[leg])
      .where('route_id', '=', routeId)
      .where('source_chain_id', '=', source.chainId)
      .where('source_client_id', '=', source.clientId)
      .where('step', 'is', null)
      .where('failure', 'is', null);
  const versions = new Map<string, number>();
  const sourceText = (chainId: string, clientId: string): string => `${chainId}\n${clientId}`;
  const touch = (keys: readonly PacketKey[]): void => {
    const touched = new Set(keys.map(({ sourceChainId, sourceClientId }) => sourceText(sourceChainId, sourceClientId)));
    for (const source of touched) versions.set(source, (versions.get(source) ?? 0) + 1);
  };
  const ofDirection = ({ routeId, source, dest }: Direction) =>
    db
      .selectFrom('packets')
      .selectAll()
      .where('dest_chain_id', '=', dest.chainId)
      .where('route_id', '=', routeId)
      .where('source_chain_id', '=', source.chainId)
      .where('source_client_id', '=', source.clientId);

  return {
    mutate: async (scope, change, cursor) => {
      const all = await db.transaction().execute(async (trx) => {
        const records: Records = new Map();
        await loadKeys(trx, scope.keys, records);
        if (scope.facts !== undefined) await loadFacts(trx, scope.facts, records);
        const changes: PacketChange[] = change(records).flatMap((after) => {
          const before = records.get(keyText(after));
          if (before === after) return [];
          return [before === undefined ? { after } : { before, after }];
        });
        touch(changes.map(({ after }) => after));
        await savePackets(trx, changes, now());
        if (cursor !== undefined) await writeCursor(trx, cursor, now());
        return changes;
      });
      // Once more, for what was read after the change began and before it was there.
      touch(all.map(({ after }) => after));
      return all;
    },
    version: ({ source }) => versions.get(sourceText(source.chainId, source.clientId)) ?? 0,
    ready: async (leg, direction, nowMs, limit, aliveAfterSec) =>
      (
        await waiting(leg, direction)
          .selectAll()
          .where('next_attempt_ms', '<=', nowMs)
          .$if(aliveAfterSec !== undefined, (query) =>
            query.where('timeout_sec', '>', toSqlUint64(aliveAfterSec ?? 0n)),
          )
          .orderBy('sequence')
          .limit(limit)
          .execute()
      ).map(rowToRecord),
    nextDueMs: async (leg, direction, nowMs) =>
      (
        await waiting(leg, direction)
          .select(({ fn }) => fn.min('next_attempt_ms').as('due'))
          .where('next_attempt_ms', '>', nowMs)
          .executeTakeFirst()
      )?.due ?? undefined,
    expirable: async (direction, finalTimestampSec, limit, after) =>
      (
        await ofDirection(direction)
          .where('base', '=', LEG_START.receive)
          .where('timeout_sec', '<=', toSqlUint64(finalTimestampSec))
          .$if(after !== undefined, (query) =>
            query.where(({ eb, refTuple, tuple }) =>
              eb(
                refTuple('timeout_sec', 'sequence'),
                '>',
                tuple(toSqlUint64(after?.packet.timeoutTimestampSec ?? 0n), toSqlUint64(after?.sequence ?? 0n)),
              ),
            ),
          )
          .orderBy('timeout_sec')
          .orderBy('sequence')
          .limit(limit)
          .execute()
      ).map(rowToRecord),
    byKeys: (keys) =>
      db.transaction().execute(async (trx) => {
        const records: Records = new Map();
        await loadKeys(trx, keys, records);
        return [...records.values()];
      }),
    factsIn: (chainId, from, to) =>
      db.transaction().execute(async (trx) => {
        const records: Records = new Map();
        await loadFacts(trx, { chainId, from, to }, records);
        return [...records.values()];
      }),
    inProgress: async () =>
      (await db.selectFrom('packets').selectAll().where('step', 'is not', null).execute()).map(rowToRecord),
    finished: async (direction, { beforeMs, sourceHeight, destHeight, limit }) => {
      if (sourceHeight < 0n || destHeight < 0n) return [];
      const [source, dest] = [toSqlUint64(sourceHeight), toSqlUint64(destHeight)];
      const rows = await ofDirection(direction)
        .where('base', 'in', FINISHED)
        .where('updated_ms', '<=', beforeMs)
        .where(({ eb, or, and }) => {
          const old = (
            height: 'send_height' | 'receive_height' | 'acknowledge_height' | 'timeout_height',
            top: string,
          ) => or([eb(height, 'is', null), eb(height, '<=', top)]);
          return and([
            or([eb('base', '=', 'dropped'), eb('acknowledge_final', '=', 1), eb('timeout_final', '=', 1)]),
            old('send_height', source),
            old('receive_height', dest),
            old('acknowledge_height', source),
            old('timeout_height', source),
          ]);
        })
        .orderBy('updated_ms')
        .limit(limit)
        .execute();
      return rows.map(rowToRecord);
    },
    remove: (records) =>
      db.transaction().execute(async (trx) => {
        const current: Records = new Map();
        await loadKeys(trx, records, current);
        let removed = 0;
        for (const record of records) {
          const now = current.get(keyText(record));
          if (now === undefined || !FINISHED.includes(baseState(now))) continue;
          const { numDeletedRows } = await trx
            .deleteFrom('packets')
            .where('source_chain_id', '=', record.sourceChainId)
            .where('source_client_id', '=', record.sourceClientId)
            .where('sequence', '=', toSqlUint64(record.sequence))
            .executeTakeFirstOrThrow();
          removed += Number(numDeletedRows);
        }
        return removed;
      }),
    orphans: async (direction, limit) =>
      (
        await ofDirection(direction)
          .where('base', '=', 'orphan')
          .where('receive_final', '=', 1)
          .where('next_attempt_ms', '<=', now())
          .orderBy('sequence')
          .limit(limit)
          .execute()
      ).map(rowToRecord),
  };
};

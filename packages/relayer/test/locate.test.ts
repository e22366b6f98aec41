import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChainError, type PacketEvent } from '@interchain-attestation/chains';
import type { PacketRecord } from '../src/domain/packet-record.ts';
import { createMissingPass, type MissingPassDeps } from '../src/relay/missing-pass.ts';
import type { ChainHandle } from '../src/watch/chain-handle.ts';
import { locateEvents } from '../src/watch/locate.ts';

const CLIENTS = { sourceClient: 'client-a', destClient: 'client-b' };

const pruned = (height: bigint): ChainError => new ChainError('chain/state-pruned', `no longer keeps block ${height}`);

/** A chain with such an event in each of these blocks, whose node keeps the blocks from `kept` on. */
const chainOf = (kept: bigint, heights: readonly bigint[], type: PacketEvent['type'] = 'send'): ChainHandle =>
  ({
    chainId: 'gaia-1',
    reader: {
      headers: async ([height = 0n]: readonly bigint[]) => {
        if (height < kept) throw pruned(height);
        return [{ height, timestampSec: height }];
      },
    },
    events: {
      events: async function* (from: bigint, to: bigint) {
        for (let at = from === 0n ? 1n : from; at <= to; at += 20n) {
          if (at < kept) throw pruned(at);
          const through = at + 19n < to ? at + 19n : to;
          const events = heights
            .filter((height) => height >= at && height <= through)
            .map((height) => ({ type, height, packet: { sequence: height, ...CLIENTS } }) as PacketEvent);
          yield { through, events };
        }
      },
    },
  }) as unknown as ChainHandle;

const locate = async (kept: bigint, sends: readonly bigint[], before: bigint): Promise<readonly bigint[]> => {
  const found = await locateEvents(
    {
      chain: chainOf(kept, sends),
      before,
      notBeforeSec: 0n,
      wanted: ({ packet: { sequence } }) => ({ sourceChainId: 'gaia-1', sourceClientId: '', sequence }),
      count: 100,
      signal: new AbortController().signal,
    },
    () => {},
  );
  return found.map(({ height }) => height).sort((a, b) => Number(a - b));
};

test('a search ends where the blocks of the node end, with all that is above', async () => {
  const sends = [10n, 2_999n, 3_000n, 3_001n, 4_100n];
  assert.deepEqual(await locate(0n, sends, 5_000n), sends);
  assert.deepEqual(await locate(3_000n, sends, 5_000n), [3_000n, 3_001n, 4_100n]);
  assert.deepEqual(await locate(3_001n, sends, 5_000n), [3_001n, 4_100n]);
  assert.deepEqual(await locate(5_000n, [5_000n], 5_000n), [5_000n]);
  assert.deepEqual(await locate(6_000n, sends, 5_000n), []);
});

test('what ended before the records begin is found though the block of its send is no longer kept', async () => {
  const record = {
    sequence: 4_100n,
    packet: { sequence: 4_100n, timeoutTimestampSec: 5_000n, ...CLIENTS },
    send: { height: 10n, final: true },
  } as unknown as PacketRecord;
  const ingested: bigint[] = [];
  const chain = chainOf(3_000n, [4_100n], 'acknowledge');
  const finalized = { height: 6_000n };
  const watcher = { chain, view: () => ({ finalized, cursor: { height: 6_000n, startHeight: 5_000n } }) };
  const pass = createMissingPass({
    direction: { source: { chainId: 'gaia-1', clientId: 'client-a' }, dest: { chainId: '2', clientId: 'client-b' } },
    source: watcher,
    dest: watcher,
    store: { byKeys: async () => [record] },
    book: { ingest: async ({ events }: { events: PacketEvent[] }) => ingested.push(...events.map((e) => e.height)) },
    emit: () => {},
    signal: new AbortController().signal,
  } as unknown as MissingPassDeps);
  pass.suspect('receive', 'source', [record], 6_000n);
  await pass.run();
  assert.deepEqual(ingested, [4_100n]);
});

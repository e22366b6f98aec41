import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChainError, type PacketEvent } from '@interchain-attestation/chains';
import type { ChainHandle } from '../src/watch/chain-handle.ts';
import { locateEvents } from '../src/watch/locate.ts';

const pruned = (height: bigint): ChainError => new ChainError('chain/state-pruned', `no longer keeps block ${height}`);

/** A chain with a send in each of these blocks, whose node keeps the blocks from `kept` on. */
const chainOf = (kept: bigint, sends: readonly bigint[]): ChainHandle =>
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
          const events = sends
            .filter((height) => height >= at && height <= through)
            .map((height) => ({ type: 'send', height, packet: { sequence: height } }) as PacketEvent);
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

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BlockHeader, systemClock } from '@interchain-attestation/chains';
import { createCosmosFinality } from '../src/cosmos/finality.ts';
import type { CosmosHeaderReader } from '../src/cosmos/headers.ts';
import { createFinalityTracker } from '../src/evm/finality.ts';
import type { HeaderReader } from '../src/evm/headers.ts';

const header = (height: bigint): BlockHeader => ({
  height,
  hash: `0x${height.toString(16).padStart(64, '0')}`,
  parentHash: `0x${'00'.repeat(32)}`,
  timestampSec: height,
});

/** A chain that answers when it is told to, with the height that it had when it was asked. */
const createScript = () => {
  const answers: (() => void)[] = [];
  const script = {
    height: 9n,
    asked: 0,
    ask: (): Promise<bigint> => {
      const { height } = script;
      script.asked += 1;
      return new Promise((resolve) => answers.push(() => resolve(height)));
    },
    /** Answers the oldest question that is open, and lets what follows from it happen. */
    answer: async (index = 0): Promise<void> => {
      for (const each of answers.splice(index, 1)) each();
      for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return script;
};
type Script = ReturnType<typeof createScript>;

const common = { chain: 'a', clock: systemClock, cacheMs: 60_000 };
const kinds: readonly (readonly [string, (script: Script) => { current(covering?: bigint): Promise<BlockHeader> }])[] =
  [
    [
      'EVM',
      (script) =>
        createFinalityTracker({
          ...common,
          origin: 'http://a',
          finality: { tag: 'finalized' },
          headers: { byTag: async () => header(await script.ask()) } as unknown as HeaderReader,
        }),
    ],
    [
      'Cosmos',
      (script) =>
        createCosmosFinality({
          ...common,
          headers: {
            committedHeight: script.ask,
            at: async (height: bigint) => ({ header: header(height) }),
          } as unknown as CosmosHeaderReader,
        }),
    ],
  ];

for (const [kind, open] of kinds) {
  describe(`the final block of ${kind} chains`, () => {
    test('who wants to know whether a height is final is not put off by a question that was asked before it was', async () => {
      const script = createScript();
      const finality = open(script);
      const early = finality.current();
      script.height = 11n;
      const waiting = [finality.current(11n), finality.current(11n), finality.current(10n)];
      await script.answer();
      assert.equal((await early).height, 9n);
      await script.answer();
      assert.deepEqual(
        (await Promise.all(waiting)).map(({ height }) => height),
        [11n, 11n, 11n],
      );
      assert.equal(script.asked, 2, 'all that wait share the second question');
    });

    test('a height that is not there yet is answered with what is, after one more look', async () => {
      const script = createScript();
      const finality = open(script);
      const early = finality.current();
      const waiting = finality.current(100n);
      await script.answer();
      await script.answer();
      assert.equal((await early).height, 9n);
      assert.equal((await waiting).height, 9n);
      assert.equal(script.asked, 2);
    });
  });
}

test('an older answer that comes later does not take back what a newer one said (Cosmos)', async () => {
  const script = createScript();
  const headers = { committedHeight: script.ask, at: async (height: bigint) => ({ header: header(height) }) };
  const finality = createCosmosFinality({ ...common, headers: headers as unknown as CosmosHeaderReader });
  const older = finality.newest();
  script.height = 10n;
  const newer = finality.newest();
  await script.answer(1);
  await script.answer();
  assert.deepEqual([(await newer).height, (await older).height], [10n, 9n]);
  assert.equal((await finality.current()).height, 10n);
});

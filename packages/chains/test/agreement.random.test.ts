import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hex } from '@interchain-attestation/core';
import fc from 'fast-check';
import { type BlockHeader, ChainError, type ChainReader, createAgreeingReader } from '../src/index.ts';

const PATH = { kind: 'receipt', clientId: 'client-0', sequence: 1n } as const;
const MAX_HEIGHT = 40;

const header = (height: bigint, branch: string): BlockHeader => ({
  height,
  hash: `0x${branch}${height}` as Hex,
  parentHash: `0x${branch}${height - 1n}` as Hex,
  timestampSec: height,
});
const truth = (height: bigint): BlockHeader => header(height, 'a');
const valueIn = (hash: string): Uint8Array => new Uint8Array(32).fill(hash.length + hash.charCodeAt(2));

interface Node {
  readonly final: number;
  /** Blocks above the final one are on another branch. */
  readonly isForked: boolean;
  readonly behaviour: 'answers' | 'fails' | 'hangs';
}

const honestReader = ({ final, isForked, behaviour }: Node): ChainReader => {
  const at = (height: bigint): BlockHeader => header(height, isForked && height > BigInt(final) ? 'b' : 'a');
  const answer = async <T>(value: () => T): Promise<T> => {
    if (behaviour === 'hangs') await new Promise(() => {});
    if (behaviour === 'fails') throw new ChainError('chain/unavailable', 'down', { retryable: true });
    return value();
  };
  const top = (): BlockHeader => at(BigInt(final));
  return {
    kind: 'evm',
    name: 'random',
    origin: 'http://honest',
    identity: () => answer(() => ({ chainId: '1', genesisHash: '0x1', store: '0x2' })),
    latestBlock: () => answer(top),
    finalizedBlock: () => answer(top),
    headers: (heights) => answer(() => heights.map((height) => (height > MAX_HEIGHT ? undefined : at(height)))),
    commitments: (block, paths) =>
      answer(() => {
        if (at(block.height).hash !== block.hash) throw new ChainError('chain/block-not-canonical', 'another');
        return paths.map(() => valueIn(block.hash));
      }),
    limits: () => answer(() => ({ maxTxBytes: 1, maxTxGas: 1n })),
    close: async () => {},
  };
};

/** Says whatever the dice say, the other branch among it: all liars say the same where they can. */
const lyingReader = (dice: () => number): ChainReader => {
  const lie = (height: bigint): BlockHeader | undefined =>
    [header(height, 'b'), header(height, 'c'), truth(height)][dice()];
  const act = async <T>(value: () => T): Promise<T> => {
    const roll = dice() * 4 + dice();
    if (roll === 0) await new Promise(() => {});
    if (roll === 1) throw new ChainError('chain/block-not-canonical', 'a lie');
    if (roll > 9) await new Promise((resolve) => setImmediate(resolve));
    return value();
  };
  const top = (): BlockHeader => header(BigInt([0, 20, MAX_HEIGHT, 1_000_000][dice()] ?? 7), dice() === 0 ? 'b' : 'a');
  return {
    ...honestReader({ final: 0, isForked: false, behaviour: 'answers' }),
    origin: 'http://liar',
    latestBlock: () => act(top),
    finalizedBlock: () => act(top),
    headers: (heights) => act(() => heights.map(lie)),
    commitments: (_, paths) => act(() => paths.map(() => (dice() === 0 ? undefined : new Uint8Array(32).fill(9)))),
  };
};

const nodes = fc.array(
  fc.record<Node>({
    final: fc.integer({ min: 1, max: MAX_HEIGHT }),
    isForked: fc.boolean(),
    behaviour: fc.constantFrom('answers', 'answers', 'answers', 'fails', 'hangs'),
  }),
  { minLength: 3, maxLength: 7 },
);

test('whatever fewer than must agree say, nothing untrue about a final block is passed on', async () => {
  await fc.assert(
    fc.asyncProperty(
      nodes,
      fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
      fc.array(fc.nat(MAX_HEIGHT)),
      async (all, stream, questions) => {
        const dice = (): number => stream.next().value ?? 0;
        const required = Math.floor(all.length / 2) + 1;
        const honest = all.slice(required - 1);
        const readers = all.map((node, i) => (i < required - 1 ? lyingReader(dice) : honestReader(node)));
        const reader = createAgreeingReader(readers, { required, graceMs: 0 });
        const highest = Math.max(...honest.map(({ final }) => final));
        // What would wait for ever, since those that hang are too many, is no answer.
        const ask = async <T>(question: Promise<T>): Promise<T | undefined> => {
          const patience = new Promise<undefined>((resolve) => setTimeout(resolve, 5, undefined));
          return Promise.race([question.catch(() => undefined), patience]);
        };
        let agreed = -1n;
        for (const height of [1, ...questions].map(BigInt)) {
          const final = await ask(reader.finalizedBlock(height % 2n === 0n ? {} : { covering: height }));
          if (final !== undefined) {
            assert.deepEqual(final, truth(final.height));
            assert.ok(final.height <= highest, `${final.height} is final for no honest endpoint`);
            if (final.height > agreed) agreed = final.height;
            const values = await ask(reader.commitments(final, [PATH]));
            if (values !== undefined) assert.deepEqual(values, [valueIn(final.hash)]);
          }
          const found = height <= agreed ? await ask(reader.headers([height])) : undefined;
          if (found !== undefined) assert.deepEqual(found, [truth(height)]);
        }
        await reader.close();
      },
    ),
    { numRuns: 150, seed: 20_261_121 },
  );
});

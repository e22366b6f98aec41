import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainEvent } from '@interchain-attestation/chains/evm';
import { createFakeChain, type FakeChain } from '@interchain-attestation/chains/testing';
import type { Hex } from '@interchain-attestation/core';
import {
  type AgreementOptions,
  ChainError,
  type ChainErrorCode,
  type ChainReader,
  createAgreeingReader,
} from '../src/index.ts';
import { rejectsWith } from './conformance/rejects-with.ts';

const never = (): Promise<never> => new Promise(() => {});
const PATH = { kind: 'packet', clientId: 'client-0', sequence: 1n } as const;
const COMMITMENT = new Uint8Array(32).fill(9);
const LIE = new Uint8Array(32).fill(6);
const other = (hash: Hex): Hex => `0x${'f'.repeat(8)}${hash.slice(10)}`;

const at = (height: bigint, hash: Hex) => ({ height, hash, parentHash: '0x0' as Hex, timestampSec: 1n });
const block = async (height: bigint) => at(height, `0x${height}`);
/** A node of a chain whose blocks are named by their heights, final up to there. */
const holds = (height: bigint): Partial<ChainReader> => ({
  finalizedBlock: () => block(height),
  headers: (heights) => Promise.all(heights.map(block)),
});

/** One chain with a commitment, seen through readers that each change something. */
const chainSeenBy = (changes: readonly Partial<ChainReader>[], options: Partial<AgreementOptions> = {}) => {
  const chain: FakeChain = createFakeChain({ name: 'alpha', finalityOffset: 2 });
  chain.write(PATH, COMMITMENT);
  chain.mine(10);
  const readers = changes.map((change, i): ChainReader => ({ ...chain.reader, origin: `http://rpc-${i}`, ...change }));
  const events: ChainEvent[] = [];
  const required = Math.floor(changes.length / 2) + 1;
  const reader = createAgreeingReader(readers, { required, onEvent: (event) => events.push(event), ...options });
  const dissents = (): readonly string[] =>
    events.flatMap((event) => (event.type === 'rpc-dissent' ? event.origin : []));
  return { chain, reader, events, dissents };
};

describe('several RPC endpoints of one chain (peers.md #6: one URL is one liar)', () => {
  test('what one of three invents is never passed on, and it is named', async () => {
    const base = createFakeChain({ name: 'alpha', finalityOffset: 2 });
    base.write(PATH, COMMITMENT);
    base.mine(10);
    const lies: Partial<ChainReader> = {
      commitments: async (_, paths) => paths.map(() => LIE),
      headers: async (heights) =>
        (await base.reader.headers(heights)).map((header) => header && { ...header, hash: other(header.hash) }),
      finalizedBlock: async () => ({ ...(await base.reader.latestBlock()), height: 1_000_000n }),
      identity: async () => ({ ...(await base.reader.identity()), genesisHash: `0x${'1'.repeat(64)}` }),
    };
    for (const place of [0, 1, 2]) {
      const { chain, reader, dissents } = chainSeenBy([0, 1, 2].map((i) => (i === place ? lies : {})));
      const final = await reader.finalizedBlock();
      assert.deepEqual(final, await chain.reader.finalizedBlock());
      assert.deepEqual(await reader.finalizedBlock({ covering: final.height }), final);
      assert.deepEqual(await reader.headers([final.height, 3n]), await chain.reader.headers([final.height, 3n]));
      assert.deepEqual(await reader.commitments(final, [PATH]), [COMMITMENT]);
      assert.deepEqual(await reader.identity(), await chain.reader.identity());
      await sleep(0);
      assert.deepEqual(dissents(), [`http://rpc-${place}`], 'told once, however often it lies');
    }
  });

  test('a lie of which too many hold another truth is refused, with what each said', async () => {
    const { reader } = chainSeenBy([{}, { commitments: async (_, paths) => paths.map(() => LIE) }], { required: 2 });
    const error = await rejectsWith(
      reader.commitments(await reader.finalizedBlock(), [PATH]),
      'chain/rpc-disagreement',
    );
    assert.equal(error.retryable, true);
    assert.match(error.message, /http:\/\/rpc-0: #0 0x0909.*http:\/\/rpc-1: #0 0x0606/);
    const absent = chainSeenBy([{}, { commitments: async (_, paths) => paths.map(() => undefined) }], { required: 2 });
    await rejectsWith(
      absent.reader.commitments(await absent.reader.finalizedBlock(), [PATH]),
      'chain/rpc-disagreement',
    );
  });

  test('three that each say something else agree on nothing', async () => {
    const says = (fill: number): Partial<ChainReader> => ({
      commitments: async (_, paths) => paths.map(() => new Uint8Array(32).fill(fill)),
      identity: async () => ({ chainId: '31337', genesisHash: `0x${String(fill).repeat(64)}`, store: 'x' }),
      headers: async (heights) =>
        heights.map((height) => ({ height, hash: `0x${fill}`, parentHash: '0x0', timestampSec: 1n })),
    });
    const { chain, reader } = chainSeenBy([says(1), says(2), says(3)]);
    const block = await chain.reader.latestBlock();
    await rejectsWith(reader.commitments(block, [PATH]), 'chain/rpc-disagreement');
    await rejectsWith(reader.identity(), 'chain/rpc-disagreement');
    await rejectsWith(reader.headers([4n]), 'chain/rpc-disagreement');
    const time = chainSeenBy([
      {},
      {
        headers: async (heights) =>
          heights.map((height) => ({ height, hash: '0x1', parentHash: '0x0', timestampSec: 1n })),
      },
    ]);
    await rejectsWith(time.reader.headers([4n]), 'chain/rpc-disagreement');
  });

  test('one that hangs, is down or lags costs the others nothing', async () => {
    const down = async (): Promise<never> => {
      throw new ChainError('chain/unavailable', 'down', { retryable: true });
    };
    const hung = { finalizedBlock: never, headers: never, commitments: never, identity: never, limits: never };
    const dead = { finalizedBlock: down, headers: down, commitments: down, identity: down, limits: down };
    for (const fault of [hung, dead]) {
      for (const place of [0, 1, 2]) {
        const { chain, reader, events } = chainSeenBy([0, 1, 2].map((i) => (i === place ? fault : {})));
        const final = await reader.finalizedBlock();
        assert.deepEqual(final, await chain.reader.finalizedBlock());
        assert.deepEqual(await reader.commitments(final, [PATH]), [COMMITMENT]);
        assert.deepEqual(await reader.headers([3n, 999n]), [...(await chain.reader.headers([3n])), undefined]);
        assert.equal((await reader.identity()).chainId, '31337');
        assert.ok((await reader.limits()).maxTxGas > 0n);
        assert.deepEqual(events, [], 'silence is no dissent');
      }
    }
  });

  test('one that hangs is waited for once, and again when it has been prompt for a while', async () => {
    const clock = {
      sleeps: 0,
      now: () => 0,
      // The first wait is over at once; later ones are long enough.
      sleep: async (): Promise<void> => {
        clock.sleeps++;
        if (clock.sleeps > 1) await never();
      },
    };
    let isHung = true;
    const { reader } = chainSeenBy(
      [
        holds(9n),
        holds(8n),
        { ...holds(9n), finalizedBlock: () => (isHung ? never() : sleep(0).then(() => block(9n))) },
      ],
      {
        clock,
      },
    );
    const heights: bigint[] = [];
    for (let i = 0; i < 6; i++) {
      heights.push((await reader.finalizedBlock()).height);
      await sleep(5);
      if (i === 1) isHung = false;
    }
    assert.deepEqual(heights, [8n, 8n, 8n, 8n, 8n, 9n]);
    assert.equal(clock.sleeps, 2, 'known to be slow in between');
  });

  test('the final block is one that enough hold final, never that of the farthest or of one on another branch', async () => {
    const five = chainSeenBy([holds(9n), holds(12n), holds(10n), holds(1_000n), holds(11n)]);
    assert.equal((await five.reader.finalizedBlock()).height, 11n);
    assert.ok((await five.reader.finalizedBlock({ covering: 10n })).height >= 10n);

    // The second does not hold block 10 final, so what it says of it does not count; the third lies.
    const branch: Partial<ChainReader> = {
      ...holds(9n),
      headers: async (heights) => heights.map((one) => at(one, '0xbad')),
    };
    const liar: Partial<ChainReader> = { ...branch, finalizedBlock: async () => at(10n, '0xbad') };
    const three = chainSeenBy([holds(10n), branch, liar]);
    assert.deepEqual(await three.reader.finalizedBlock({ covering: 10n }), at(9n, '0x9'), 'two hold it final');
    const two = chainSeenBy([holds(10n), liar], { required: 2 });
    await rejectsWith(two.reader.finalizedBlock({ covering: 10n }), 'chain/rpc-disagreement');
    await rejectsWith(two.reader.finalizedBlock(), 'chain/rpc-disagreement');
    const forgetful = chainSeenBy([holds(10n), { ...holds(11n), headers: async () => [undefined] }], { required: 2 });
    await rejectsWith(forgetful.reader.finalizedBlock(), 'chain/unavailable');
  });

  test('of a final block only those that hold it final may say which one it is', async () => {
    // The second is honest, and stuck on a branch that was given up; the first lies about its blocks in time for it.
    const dead = {
      headers: async (heights: readonly bigint[]) => heights.map((one) => at(one, one > 30n ? '0xdead' : `0x${one}`)),
    };
    const { reader } = chainSeenBy([{ ...holds(54n), ...dead }, { ...holds(30n), ...dead }, holds(54n)]);
    assert.equal((await reader.finalizedBlock()).height, 54n);
    await rejectsWith(reader.headers([33n]), 'chain/rpc-disagreement');
    assert.equal((await reader.headers([29n]))[0]?.hash, '0x29');
    // Nor do those that cannot say make an absence out of one that denies it.
    const denies = { ...holds(54n), headers: async (heights: readonly bigint[]) => heights.map(() => undefined) };
    const down = async (): Promise<never> => {
      throw new ChainError('chain/unavailable', 'down', { retryable: true });
    };
    await rejectsWith(chainSeenBy([denies, { headers: down }, holds(54n)]).reader.headers([33n]), 'chain/unavailable');
  });

  test('one that has reached a block and then hangs holds nobody up, nor one that claims too little', async () => {
    const hangs = chainSeenBy([{ ...holds(1_000n), headers: never }, holds(100n), holds(99n)], { graceMs: 5 });
    assert.equal((await hangs.reader.finalizedBlock()).height, 99n);
    assert.equal((await hangs.reader.finalizedBlock({ covering: 100n })).height, 99n);

    const low: Partial<ChainReader> = { ...holds(200n), finalizedBlock: () => block(100n) };
    const late: Partial<ChainReader> = {
      ...holds(200n),
      finalizedBlock: async () => {
        await sleep(5);
        return block(200n);
      },
    };
    const { reader } = chainSeenBy([holds(200n), low, late]);
    assert.equal((await reader.finalizedBlock()).height, 200n);
    assert.equal((await reader.finalizedBlock({ covering: 90n })).height, 200n, 'never less than was agreed on before');
  });

  test('an answer counts for what its endpoint held final when it was asked', async () => {
    // Honest, and catching up: what it said of block 33 before it held it final arrives late.
    const answer = Promise.withResolvers<readonly ReturnType<typeof at>[]>();
    let final = 30n;
    const late: Partial<ChainReader> = { finalizedBlock: () => block(final), headers: () => answer.promise };
    const dead = async (heights: readonly bigint[]) => heights.map((one) => at(one, one > 30n ? '0xdead' : `0x${one}`));
    const { reader } = chainSeenBy([holds(54n), { ...holds(54n), headers: dead }, late]);
    assert.equal((await reader.finalizedBlock()).height, 54n);
    const asked = reader.headers([33n]);
    await sleep(0);
    final = 54n;
    assert.equal((await reader.finalizedBlock()).height, 54n);
    answer.resolve(await dead([33n]));
    await rejectsWith(asked, 'chain/rpc-disagreement');
  });

  test('one that was behind is asked how far it is before its headers count', async () => {
    let final = 30n;
    const lies: Partial<ChainReader> = {
      ...holds(54n),
      headers: async (heights) => heights.map((one) => at(one, one < 54n ? '0xbad' : `0x${one}`)),
    };
    const { reader, dissents } = chainSeenBy([holds(54n), { ...holds(54n), finalizedBlock: () => block(final) }, lies]);
    assert.equal((await reader.finalizedBlock()).height, 54n);
    final = 54n;
    assert.equal((await reader.headers([33n]))[0]?.hash, '0x33');
    await sleep(0);
    assert.deepEqual(dissents(), ['http://rpc-2']);
  });

  test('a final block is never absent, and one that claims an old one silences no node that prunes', async () => {
    const denies: Partial<ChainReader> = { ...holds(100n), headers: async (heights) => heights.map(() => undefined) };
    const two = chainSeenBy([holds(100n), denies], { required: 2 });
    assert.equal((await two.reader.finalizedBlock()).height, 100n);
    await rejectsWith(two.reader.headers([33n]), 'chain/unavailable');

    const pruned = (height: bigint): Partial<ChainReader> => ({
      ...holds(height),
      headers: async (heights) => {
        if (heights.some((one) => one < 50n)) throw new ChainError('chain/state-pruned', 'gone');
        return Promise.all(heights.map(block));
      },
    });
    const { reader } = chainSeenBy([holds(1n), pruned(100n), pruned(101n)]);
    assert.equal((await reader.finalizedBlock()).height, 100n);
  });

  test('slow ones are waited for as well where less than they once held would be taken', async () => {
    let isSlow = false;
    const slow: Partial<ChainReader> = {
      ...holds(100n),
      finalizedBlock: async () => {
        if (isSlow) await sleep(20);
        return block(100n);
      },
    };
    const { reader } = chainSeenBy([holds(100n), slow, holds(0n)], { graceMs: 10 });
    assert.equal((await reader.finalizedBlock()).height, 100n);
    isSlow = true;
    for (let i = 0; i < 4; i++) assert.equal((await reader.finalizedBlock({ covering: 90n })).height, 100n);
    assert.equal((await reader.finalizedBlock()).height, 100n);
  });

  test('the first two to answer may differ: the third decides', async () => {
    const { chain, reader, dissents } = chainSeenBy([
      { finalizedBlock: async () => ({ ...(await chain.reader.finalizedBlock()), hash: '0xbad' }) },
      {},
      {
        finalizedBlock: async () => {
          await sleep(5);
          return chain.reader.finalizedBlock();
        },
      },
    ]);
    const final = await chain.reader.finalizedBlock();
    assert.deepEqual(await reader.finalizedBlock({ covering: final.height }), final);
    assert.deepEqual(dissents(), ['http://rpc-0']);
  });

  test('headers that too few know are not there yet', async () => {
    const upTo = (top: bigint): Partial<ChainReader> => ({
      headers: async (heights) =>
        heights.map((height) =>
          height > top ? undefined : { height, hash: `0x${height}` as Hex, parentHash: '0x0', timestampSec: 1n },
        ),
    });
    const { reader } = chainSeenBy([upTo(5n), upTo(7n), upTo(6n)]);
    assert.deepEqual(
      (await reader.headers([5n, 6n, 7n, 8n])).map((header) => header?.height),
      [5n, 6n, undefined, undefined],
    );
  });

  test('what most say is wrong is what is wrong', async () => {
    const fails = (code: ChainErrorCode, retryable: boolean) => ({
      commitments: async (): Promise<never> => {
        throw new ChainError(code, code, { retryable, meta: { height: 4n } });
      },
    });
    const read = async (...parts: Partial<ChainReader>[]) => {
      const { chain, reader } = chainSeenBy(parts);
      return reader.commitments(await chain.reader.finalizedBlock(), [PATH]);
    };
    const pruned = fails('chain/state-pruned', false);
    const replaced = fails('chain/block-not-canonical', false);
    await rejectsWith(read(pruned, pruned, pruned), 'chain/state-pruned');
    await rejectsWith(read({}, pruned, pruned), 'chain/state-pruned');
    await rejectsWith(read({ commitments: never }, replaced, replaced), 'chain/block-not-canonical');
    assert.deepEqual(await read({}, replaced, {}), [COMMITMENT]);
    // What fewer say is wrong may be a lie: it must neither stop an attestor nor make it read everything anew.
    for (const lie of [pruned, replaced, fails('chain/wrong-chain', false)]) {
      const error = await rejectsWith(read(lie, fails('chain/unavailable', true), {}), 'chain/unavailable');
      assert.equal(error.retryable, true);
      assert.match(
        error.message,
        /2 of 3 RPC endpoints of alpha must agree.*rpc-0: chain\/.*rpc-1: chain\/unavailable/,
      );
    }
  });

  test('what is no answer is none', async () => {
    const wrong: Partial<ChainReader> = {
      commitments: async () => [],
      headers: async () => [],
      identity: async () => undefined as never,
      finalizedBlock: () => {
        throw new TypeError('at once');
      },
      limits: () => {
        throw new TypeError('at once');
      },
    };
    const { chain, reader, events } = chainSeenBy([wrong, {}, {}]);
    const final = await reader.finalizedBlock();
    assert.deepEqual(await reader.commitments(final, [PATH]), [COMMITMENT]);
    assert.deepEqual(await reader.headers([3n]), await chain.reader.headers([3n]));
    assert.equal((await reader.identity()).chainId, '31337');
    assert.ok((await reader.limits()).maxTxGas > 0n);
    assert.deepEqual(events, []);
    await assert.rejects(chainSeenBy([wrong, wrong, {}]).reader.identity(), { code: 'chain/unavailable' });
  });

  test('a lie is told of though another never answers', async () => {
    const { reader, dissents } = chainSeenBy(
      [{ commitments: async () => [LIE] }, { commitments: never }, {}, {}, {}],
      {},
    );
    assert.deepEqual(await reader.commitments(await reader.finalizedBlock(), [PATH]), [COMMITMENT]);
    await sleep(0);
    assert.deepEqual(dissents(), ['http://rpc-0']);
  });

  test('less than a majority, or more than all, is refused', () => {
    const { reader } = createFakeChain();
    const cosmos: ChainReader = { ...reader, kind: 'cosmos' };
    const make = (readers: readonly ChainReader[], required: number) => () =>
      createAgreeingReader(readers, { required });
    for (const [readers, required] of [
      [[], 1],
      [[reader, reader], 1],
      [[reader, reader, reader], 1],
      [[reader, reader, reader], 4],
      [[reader, reader, reader], 1.5],
      [[reader, cosmos], 2],
    ] as const) {
      assert.throws(
        make(readers, required),
        (error) => error instanceof ChainError && error.code === 'chain/invalid-input',
      );
    }
    assert.equal(make([reader, reader], 2)().origin, 'fake://fake (1), fake://fake (2)');
  });
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type ChainEvent, createEvmChain, type EvmChain } from '@interchain-attestation/chains/evm';
import { rejectsWith } from '../conformance/rejects-with.ts';
import { routerNode } from '../support/router-answers.ts';
import { type ScriptedAnswer, type ScriptedCall, type ScriptedRpc, startScriptedRpc } from '../support/scripted-rpc.ts';

describe('ranges of logs', () => {
  let node: ScriptedRpc;
  let chain: EvmChain;
  const events: ChainEvent[] = [];
  const ranges: [number, number][] = [];

  beforeEach(async () => {
    node = await startScriptedRpc();
    ranges.length = 0;
    chain = createEvmChain(
      {
        name: 'scripted',
        chainId: '31337',
        rpcUrl: node.url,
        router: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0',
        finality: { offset: 1 },
        maxLogBlocks: 1_000,
      },
      { onEvent: (event) => events.push(event) },
    );
  });
  afterEach(async () => {
    await chain.close();
    await node.stop();
  });

  const answerLogs = (answer: (from: number, to: number) => ScriptedAnswer): void => {
    const other = routerNode(() => 10_000);
    node.answer = (call: ScriptedCall) => {
      if (call.method !== 'eth_getLogs') return other(call);
      const { fromBlock, toBlock } = call.params[0] as { fromBlock: string; toBlock: string };
      ranges.push([Number(fromBlock), Number(toBlock)]);
      return answer(Number(fromBlock), Number(toBlock));
    };
  };
  const throughs = async (from: bigint, to: bigint): Promise<bigint[]> => {
    const out: bigint[] = [];
    for await (const { through } of chain.events.events(from, to)) out.push(through);
    return out;
  };

  test('a range is cut, and each piece begins where the last one ended', async () => {
    answerLogs(() => ({ result: [] }));
    assert.deepEqual(await throughs(1n, 2_500n), [1_000n, 2_000n, 2_500n]);
    assert.deepEqual(ranges, [
      [1, 1_000],
      [1_001, 2_000],
      [2_001, 2_500],
    ]);
  });

  for (const message of [
    'query returned more than 10000 results',
    'block range is too wide',
    'eth_getLogs is limited to a 100 block range',
  ]) {
    test(`"${message}": smaller pieces, no block left out, none twice`, async () => {
      answerLogs((from, to) => (to - from >= 100 ? { error: { code: -32005, message } } : { result: [] }));
      const got = await throughs(1n, 1_000n);
      assert.equal(got.at(-1), 1_000n);
      const good = ranges.filter(([from, to]) => to - from < 100);
      let next = 1;
      for (const [from, to] of good) {
        assert.equal(from, next);
        next = to + 1;
      }
      assert.equal(next, 1_001);
      // It grows again after success, but does not start from the top each time.
      assert.ok(ranges.length < 40, `${ranges.length} requests`);
    });
  }

  for (const answer of [
    { result: [] },
    { error: { code: -32602, message: 'block range extends beyond current head block' } },
  ]) {
    test(`beyond the head (${Object.keys(answer)}): told apart from an empty range and from an outage`, async () => {
      answerLogs(() => answer);
      await rejectsWith(throughs(9_999n, 10_001n), 'chain/height-not-found');
      assert.ok(ranges.length <= 1);
    });
  }

  test('a piece of one block that is refused ends with an outage', async () => {
    answerLogs(() => ({ error: { code: -32005, message: 'too many results' } }));
    await rejectsWith(throughs(1n, 8n), 'chain/unavailable');
  });

  test('what was yielded before an outage stays good', async () => {
    answerLogs((from) => (from > 1_000 ? { error: { code: -32601, message: 'gone' } } : { result: [] }));
    const seen: bigint[] = [];
    await rejectsWith(
      (async () => {
        for await (const { through } of chain.events.events(1n, 3_000n)) seen.push(through);
      })(),
      'chain/unavailable',
    );
    assert.deepEqual(seen, [1_000n]);
  });

  test('logs that do not decode are an outage, logs of others are not read', async () => {
    const topic = '0x'.padEnd(66, '1');
    const log = { address: '0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0', topics: [topic], data: '0x' };
    answerLogs(() => ({ result: [log, { ...log, address: `0x${'22'.repeat(20)}` }, null] }));
    assert.deepEqual(await throughs(1n, 2n), [2n]);
    const { PACKET_TOPICS } = await import('../../src/evm/events/decode-log.ts');
    answerLogs(() => ({ result: [{ ...log, topics: [PACKET_TOPICS[0], topic, topic], data: '0x1234' }] }));
    await rejectsWith(throughs(1n, 2n), 'chain/unavailable');
    answerLogs(() => ({ result: 'none' }));
    await rejectsWith(throughs(1n, 2n), 'chain/unavailable');
  });
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { StorePath } from '@interchain-attestation/chains';
import {
  type ChainEvent,
  createEvmChain,
  type EvmChain,
  type EvmChainConfig,
} from '@interchain-attestation/chains/evm';
import { rejectsWith } from '../conformance/rejects-with.ts';
import { readsOf, routerNode } from '../support/router-answers.ts';
import { hex, type ScriptedRpc, scriptedBlock, startScriptedRpc, word } from '../support/scripted-rpc.ts';

const ROUTER = '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0';
/** Time-out where a test lets the node hang; long enough for a busy machine to answer where it does not. */
const HANG_MS = 500;
const path = (sequence: number): StorePath => ({ kind: 'packet', clientId: 'client-0', sequence: BigInt(sequence) });

describe('JSON-RPC', () => {
  let node: ScriptedRpc;
  let chain: EvmChain;
  let events: ChainEvent[];
  let head: number;

  const open = (config: Partial<EvmChainConfig> = {}): EvmChain =>
    createEvmChain(
      {
        name: 'scripted',
        chainId: '31337',
        rpcUrl: node.url,
        router: ROUTER,
        finality: { offset: 1 },
        ...config,
      },
      { onEvent: (event) => events.push(event) },
    );

  beforeEach(async () => {
    node = await startScriptedRpc();
    head = 1_000;
    node.answer = routerNode(() => head);
    events = [];
    chain = open();
  });
  afterEach(async () => {
    await chain.close();
    await node.stop();
  });

  const header = async (height: number) => {
    const [found] = await chain.reader.headers([BigInt(height)]);
    assert.ok(found);
    return found;
  };
  const callsOf = (method: string): number => node.requests.flat().filter((call) => call.method === method).length;
  const eventsOf = (type: ChainEvent['type']): number => events.filter((event) => event.type === type).length;

  test('peers.md #6: many packets of one block take one eth_call, pinned to its hash', async () => {
    const block = await header(900);
    const before = node.requests.length;
    const values = await chain.reader.commitments(
      block,
      Array.from({ length: 700 }, (_, i) => path(i + 1)),
    );
    assert.equal(values.length, 700);
    assert.equal(callsOf('eth_call'), 1);
    const [call] = node.requests.flat().filter(({ method }) => method === 'eth_call');
    assert.deepEqual(call?.params[1], { blockHash: block.hash, requireCanonical: true });
    // The commitments, and once in the life of the reader the look at what the router is.
    assert.equal(node.requests.length - before, 2);
    await chain.reader.commitments(block, [path(1)]);
    assert.equal(node.requests.length - before, 3);
  });

  test('peers.md #6: the final height is asked for once by all who ask at the same time, and remembered', async () => {
    await chain.close();
    chain = open({ finalityCacheMs: 60_000 });
    await Promise.all(Array.from({ length: 100 }, () => chain.reader.finalizedBlock({ covering: 999n })));
    assert.equal(callsOf('eth_getBlockByNumber') - 1, 2); // the head and the block below it; one more for genesis
    await chain.reader.finalizedBlock();
    assert.equal(callsOf('eth_getBlockByNumber') - 1, 2);
    head = 1_001;
    assert.equal((await chain.reader.finalizedBlock({ covering: 1_000n })).height, 1_000n);
  });

  test('peers.md #14: two thousand reads at once take a constant number of connections and few requests', async () => {
    const block = await header(900);
    const before = node.requests.length;
    const reads = Array.from({ length: 1_000 }, (_, i) => [
      chain.reader.headers([BigInt(i + 1)]),
      chain.reader.commitments(block, [path(i + 1)]),
    ]);
    await Promise.all(reads.flat());
    assert.ok(node.connections <= 5, `${node.connections} connections`);
    assert.ok(node.requests.length - before <= 8, `${node.requests.length - before} requests`);
    assert.ok(
      node.requests.every((calls) => calls.length <= 502),
      'a batch is longer than configured',
    );
  });

  test('peers.md #14: a hung RPC ends in a time-out of its own, and its callers in an outage', async () => {
    await chain.close();
    chain = open({ requestTimeoutMs: HANG_MS });
    node.raw = () => 'hang';
    const error = await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
    assert.equal(error.meta.kind, 'timeout');
    assert.equal(error.retryable, true);
    assert.equal(node.requests.length, 1, 'a time-out is not repeated');
    node.raw = undefined;
    assert.equal((await chain.reader.latestBlock()).height, 1_000n);
  });

  test('peers.md #14: callers that queue behind a hung RPC do not wait for their own turn to hang', async () => {
    await chain.close();
    chain = open({ requestTimeoutMs: HANG_MS });
    node.raw = () => 'hang';
    const waves: Promise<string>[] = [];
    for (let i = 0; i < 40; i++) {
      waves.push(rejectsWith(chain.reader.headers([BigInt(i)]), 'chain/unavailable').then(({ code }) => code));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await Promise.all(waves)).length, 40);
    assert.ok(node.requests.length <= 4, `${node.requests.length} requests`);
  });

  test('peers.md #14: a permanent error is not retried', async () => {
    node.raw = () => ({ status: 401, body: 'unauthorized' });
    const error = await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
    assert.equal(error.meta.status, 401);
    assert.equal(node.requests.length, 1);
  });

  const faults: readonly (readonly [string, () => void])[] = [
    ['HTML', () => (node.raw = () => ({ status: 200, body: '<html>maintenance</html>' }))],
    ['an empty answer', () => (node.raw = () => ({ status: 200, body: '' }))],
    ['a JSON string', () => (node.raw = () => ({ status: 200, body: '"hello"' }))],
    ['null', () => (node.raw = () => ({ status: 200, body: 'null' }))],
    ['an empty batch', () => (node.raw = () => ({ status: 200, body: '[]' }))],
    ['too many requests', () => (node.raw = () => ({ status: 429, body: 'slow down' }))],
    ['bad gateway', () => (node.raw = () => ({ status: 502, body: 'bad gateway' }))],
    ['a redirect', () => (node.raw = () => ({ status: 302, body: '' }))],
    ['a reset', () => (node.raw = () => 'reset')],
    ['an internal error', () => (node.answer = () => ({ error: { code: -32603, message: `internal ${node.url}` } }))],
    ['a rate limit in JSON', () => (node.answer = () => ({ error: { code: -32005, message: 'limit exceeded' } }))],
    ['no answer to the call', () => (node.answer = () => undefined)],
    ['a number for a block', () => (node.answer = () => ({ result: 7 }))],
    ['a block without a hash', () => (node.answer = () => ({ result: { ...scriptedBlock(5), hash: null } }))],
    ['a pending block', () => (node.answer = () => ({ result: { ...scriptedBlock(5), number: null } }))],
  ];
  for (const [what, script] of faults) {
    test(`peers.md #8: ${what} is an outage, retryable, and shows no URL`, async () => {
      script();
      const error = await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
      assert.equal(error.retryable, true);
      const shown = inspect([error, error.cause, events], { depth: 10 }) + JSON.stringify(error);
      for (const secret of node.secrets) assert.ok(!shown.includes(secret), `${secret} shown`);
      assert.equal(chain.reader.origin, node.origin);
    });
  }

  test('peers.md #8: a refused connection shows no URL', async () => {
    await node.stop();
    const error = await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
    const shown = inspect([error, error.cause, events], { depth: 10 });
    for (const secret of node.secrets) assert.ok(!shown.includes(secret), `${secret} shown`);
    node = await startScriptedRpc();
  });

  test('a passing fault is retried, and an outage is told once', async () => {
    let answers = 0;
    node.raw = () => (++answers <= 1 ? { status: 503, body: '' } : undefined);
    assert.equal((await chain.reader.latestBlock()).height, 1_000n);
    assert.equal(eventsOf('rpc-outage'), 0);
    node.raw = () => ({ status: 401, body: '' });
    for (let i = 0; i < 5; i++) await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
    assert.equal(eventsOf('rpc-outage'), 1);
    node.raw = undefined;
    await chain.reader.latestBlock();
    await chain.reader.latestBlock();
    assert.equal(eventsOf('rpc-recovered'), 1);
  });

  test('another chain id is noticed at once, on an open connection', async () => {
    await chain.reader.latestBlock();
    node.chainId = hex(1);
    const error = await rejectsWith(chain.reader.headers([5n]), 'chain/wrong-chain');
    assert.equal(error.retryable, false);
    assert.deepEqual([error.meta.expected, error.meta.got], ['31337', '1']);
    assert.equal(eventsOf('wrong-chain'), 1);
    node.chainId = hex(31_337);
    await chain.reader.latestBlock();
  });

  test('a wrong chain id at start is told at the first call', async () => {
    node.chainId = hex(31_338);
    await rejectsWith(chain.reader.identity(), 'chain/wrong-chain');
  });

  test('another chain with the same id is noticed on a new connection, before anything of it is used', async () => {
    await chain.reader.latestBlock();
    node.genesisHash = `0x${word(0xbad)}`;
    node.cut();
    await rejectsWith(chain.reader.headers([5n]), 'chain/wrong-chain');
    await rejectsWith(chain.reader.finalizedBlock(), 'chain/wrong-chain');
  });

  test('a configured genesis hash is held against the chain', async () => {
    const other = open({ genesisHash: `0x${word(0xbad)}` });
    await rejectsWith(other.reader.latestBlock(), 'chain/wrong-chain');
    await other.close();
  });

  const refusal = '{"jsonrpc":"2.0","id":0,"error":{"code":-32600,"message":"batch too large"}}';
  const ofComet =
    '{"jsonrpc":"2.0","id":"","error":{"code":-32600,"message":"Invalid Request","data":"batch of 13: too long"}}';
  for (const [style, body] of [
    ['one error', refusal],
    ['a list of one error', `[${refusal}]`],
    ['the reason in the data', ofComet],
  ] as const) {
    test(`a node that takes only short batches (${style}) gets them, from then on at once`, async () => {
      node.raw = (calls) => (calls.length <= 12 ? undefined : { status: 200, body });
      const heights = Array.from({ length: 60 }, (_, i) => BigInt(i + 1));
      const found = await chain.reader.headers(heights);
      assert.deepEqual(
        found.map((block) => block?.height),
        heights,
      );
      const before = node.requests.length;
      await chain.reader.headers(heights);
      assert.ok(node.requests.slice(before).every((calls) => calls.length <= 12));
    });
  }

  test('answers in another order, and of another block, are told apart', async () => {
    const [a, b] = await chain.reader.headers([5n, 6n]);
    assert.deepEqual([a?.height, b?.height], [5n, 6n]);
    node.answer = () => ({ result: scriptedBlock(7) });
    await rejectsWith(chain.reader.headers([5n]), 'chain/unavailable');
  });

  test('heights that no chain has are not asked for', async () => {
    await chain.reader.latestBlock();
    const before = node.requests.length;
    assert.deepEqual(await chain.reader.headers([2n ** 63n, 2n ** 64n, 2n ** 200n]), [undefined, undefined, undefined]);
    assert.equal(node.requests.length, before);
  });

  test('a node that ignores the block and answers from its newest state is not believed', async () => {
    const block = await header(900);
    node.answer = (call) =>
      call.method === 'eth_call'
        ? { result: `0x${word(1_700_001_000)}${word(7)}${word(0)}` }
        : routerNode(() => head)(call);
    const error = await rejectsWith(chain.reader.commitments(block, [path(1)]), 'chain/unavailable');
    assert.equal(error.meta.kind, 'wrong-block');
  });

  test('an answer of another length is not believed', async () => {
    const block = await header(900);
    for (const tail of [word(0).repeat(2), word(0).slice(2), `${word(0)}00`, 'zz'.repeat(32)]) {
      node.answer = (call) =>
        call.method === 'eth_call'
          ? { result: `0x${word(1_700_000_900)}${word(7)}${tail}` }
          : routerNode(() => head)(call);
      await rejectsWith(chain.reader.commitments(block, [path(1)]), 'chain/unavailable');
    }
  });

  const stateFaults: readonly (readonly [
    string,
    number,
    'chain/state-pruned' | 'chain/block-not-canonical' | 'chain/unavailable',
  ])[] = [
    ['missing trie node 1234 (path ) state 0xab is not available', -32000, 'chain/state-pruned'],
    ['historical state 0xab is not available', -32000, 'chain/state-pruned'],
    ['required historical state unavailable (reexec=128)', -32000, 'chain/state-pruned'],
    ['distance to target block exceeds maximum proof window', -32000, 'chain/state-pruned'],
    ['Resource not found', -32001, 'chain/state-pruned'],
    ['header for hash not found', -32000, 'chain/state-pruned'],
    ['request timed out', -32002, 'chain/unavailable'],
    ['internal error', -32603, 'chain/unavailable'],
  ];
  for (const [message, code, expected] of stateFaults) {
    test(`state of an old canonical block: "${message}" is ${expected}`, async () => {
      const block = await header(900);
      node.answer = (call) =>
        call.method === 'eth_call' ? { error: { code, message } } : routerNode(() => head)(call);
      await rejectsWith(chain.reader.commitments(block, [path(1)]), expected);
    });
  }

  test('"not found" of a block near the head is a node that lags', async () => {
    const block = await header(995);
    node.answer = (call) =>
      call.method === 'eth_call'
        ? { error: { code: -32000, message: 'header for hash not found' } }
        : routerNode(() => head)(call);
    const error = await rejectsWith(chain.reader.commitments(block, [path(1)]), 'chain/unavailable');
    assert.equal(error.retryable, true);
  });

  test('"not found" of a block that another has replaced is a reorg', async () => {
    const block = { ...(await header(995)), hash: `0x${word(0x995)}` as const };
    node.answer = (call) =>
      call.method === 'eth_call'
        ? { error: { code: -32000, message: 'hash 0x..995 is not currently canonical' } }
        : routerNode(() => head)(call);
    await rejectsWith(chain.reader.commitments(block, [path(1)]), 'chain/block-not-canonical');
  });

  for (const [what, answer] of [
    ['null', { result: null }],
    ["geth's error", { error: { code: -39001, message: 'finalized block not found' } }],
    ['an old error', { error: { code: -32000, message: 'finalized block not found' } }],
  ] as const) {
    test(`no finalized block yet (${what}) is told apart from an outage`, async () => {
      const tagged = open({ finality: { tag: 'finalized' } });
      node.answer = () => answer;
      const error = await rejectsWith(tagged.reader.finalizedBlock(), 'chain/height-not-final');
      assert.equal(error.retryable, true);
      node.answer = () => ({ error: { code: -32603, message: 'internal error' } });
      await rejectsWith(tagged.reader.finalizedBlock(), 'chain/unavailable');
      await tagged.close();
    });
  }

  test('a chain shorter than its finality offset has no final block', async () => {
    head = 3;
    const young = open({ finality: { offset: 4 } });
    await rejectsWith(young.reader.finalizedBlock(), 'chain/height-not-final');
    await young.close();
  });

  test('a slow range of logs does not hold up reads', async () => {
    await chain.close();
    chain = open({ requestTimeoutMs: HANG_MS });
    node.raw = (calls) => (calls.some(({ method }) => method === 'eth_getLogs') ? 'hang' : undefined);
    const logs = (async () => {
      for await (const _ of chain.events.events(1n, 500n));
    })();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await chain.reader.latestBlock()).height, 1_000n);
    await rejectsWith(logs, 'chain/unavailable');
    assert.ok(callsOf('eth_getLogs') <= 4, 'a hung node must not cost a time-out a halving');
  });

  test('the number of reads in one eth_call is bounded', async () => {
    const block = await header(900);
    await Promise.all(
      Array.from({ length: 30 }, () =>
        chain.reader.commitments(
          block,
          Array.from({ length: 100 }, (_, i) => path(i + 1)),
        ),
      ),
    );
    const sizes = node.requests
      .flat()
      .filter(({ method }) => method === 'eth_call')
      .map(readsOf);
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      3_000,
    );
    assert.ok(sizes.every((size) => size <= 700));
    assert.equal(sizes.length, 5);
  });

  test('closing ends what waits', async () => {
    await chain.close();
    chain = open({ requestTimeoutMs: HANG_MS });
    node.raw = () => 'hang';
    const waiting = chain.reader.latestBlock();
    await new Promise((resolve) => setImmediate(resolve));
    await chain.close();
    await rejectsWith(waiting, 'chain/unavailable');
    await rejectsWith(chain.reader.latestBlock(), 'chain/unavailable');
  });
});

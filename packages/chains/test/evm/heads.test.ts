import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { BlockHeader } from '@interchain-attestation/chains';
import { type ChainEvent, createEvmChain, type EvmChain } from '@interchain-attestation/chains/evm';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { DEPLOYER } from '../support/ibc-contracts.ts';
import { routerNode } from '../support/router-answers.ts';
import { startScriptedRpc } from '../support/scripted-rpc.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { createWatched, type Watched } from '../support/until.ts';

const ROUTER = '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0';

describe('new heads', () => {
  let anvil: Anvil;
  let proxy: TcpProxy;
  let events: Watched<ChainEvent>;
  let heads: Watched<BlockHeader>;
  let errors: Watched<Error>;
  let chain: EvmChain;

  const open = (rpcUrl: string, pollIntervalMs = 20): EvmChain =>
    createEvmChain(
      { name: 'a', chainId: '31337', rpcUrl, router: ROUTER, finality: { tag: 'latest' }, pollIntervalMs, retries: 0 },
      { onEvent: (event) => events.push(event) },
    );
  const watch = (target: EvmChain) =>
    target.events.watchHeads({ onHead: (head) => heads.push(head), onError: (error) => errors.push(error) });
  const reached = (height: bigint) => heads.until((seen) => seen.some((head) => head.height >= height));
  const source = (wanted: 'subscription' | 'polling', times = 1) =>
    events.until(
      (seen) => seen.filter((event) => event.type === 'heads-source' && event.source === wanted).length >= times,
    );

  beforeEach(async () => {
    anvil = await startAnvil();
    proxy = await startTcpProxy(anvil.port);
    events = createWatched();
    heads = createWatched();
    errors = createWatched();
  });
  afterEach(async () => {
    await chain.close();
    await proxy.stop();
    await anvil.stop();
  });

  test('come by subscription without waiting for a poll', async () => {
    chain = open(proxy.url, 60_000);
    watch(chain);
    await source('subscription');
    // The first look, and the one that follows a new subscription: after them nothing is polled for a minute.
    await events.until((seen) => seen.filter((event) => event.type === 'rpc-batch').length >= 2);
    await anvil.rpc('anvil_mine', ['0x3']);
    await reached(3n);
    assert.deepEqual(
      heads.items.map(({ height }) => height),
      [0n, 1n, 2n, 3n],
    );
  });

  test('make what was final a moment ago forgotten, however long it may be remembered', async () => {
    chain = createEvmChain({
      ...{ name: 'a', chainId: '31337', rpcUrl: proxy.url, router: ROUTER, finality: { tag: 'latest' } },
      ...{ pollIntervalMs: 20, retries: 0, finalityCacheMs: 60_000 },
    });
    watch(chain);
    await reached(0n);
    assert.equal((await chain.reader.finalizedBlock()).height, 0n);
    await anvil.rpc('anvil_mine', ['0x3']);
    await reached(3n);
    assert.equal((await chain.reader.finalizedBlock()).height, 3n);
  });

  test('survive an outage: told once, watched on, subscribed again', async () => {
    chain = open(proxy.url);
    watch(chain);
    await source('subscription');
    proxy.down = true;
    await errors.until((seen) => seen.length > 0);
    await anvil.rpc('anvil_mine', ['0x2']);
    await events.until((seen) => seen.filter(({ type }) => type === 'rpc-batch').length > 6);
    assert.equal(errors.items.length, 1);
    proxy.down = false;
    await reached(2n);
    await source('subscription', 2);
    await anvil.rpc('anvil_mine', ['0x1']);
    await reached(3n);
    assert.equal(errors.items.length, 1);
  });

  test('are told to a late watcher at once, and to nobody after close', async () => {
    chain = open(proxy.url);
    watch(chain);
    await reached(0n);
    const late = createWatched<BlockHeader>();
    const second = chain.events.watchHeads({ onHead: (head) => late.push(head) });
    await late.until((seen) => seen.length === 1);
    second.close();
    await anvil.rpc('anvil_mine', ['0x1']);
    await reached(1n);
    assert.equal(late.items.length, 1);
  });

  test('a reorg to the same height is a new head', async () => {
    chain = open(proxy.url);
    await anvil.rpc('anvil_mine', ['0x5']);
    watch(chain);
    await reached(5n);
    const before = heads.items.at(-1);
    // With a transaction: anvil may make empty blocks again as they were, hash and all.
    const transaction = { from: DEPLOYER, to: DEPLOYER, gas: '0x5208' };
    await anvil.rpc('anvil_reorg', [2, [[transaction, 0]]]);
    await heads.until((seen) => seen.some((head) => head.height === 5n && head.hash !== before?.hash));
  });

  test('are polled where there is no WebSocket, or no WebSocket URL can be made', async () => {
    const node = await startScriptedRpc();
    let head = 5;
    node.answer = routerNode(() => head);
    chain = open(node.url);
    try {
      watch(chain);
      await reached(5n);
      head = 6;
      await reached(6n);
      assert.equal(errors.items.length, 0);
      await chain.close();
    } finally {
      await node.stop();
    }
  });

  test('another chain behind the WebSocket URL is not subscribed to', async () => {
    const other = await startAnvil({ chainId: 5 });
    chain = createEvmChain(
      {
        name: 'a',
        chainId: '31337',
        rpcUrl: proxy.url,
        wsUrl: other.url.replace('http', 'ws'),
        router: ROUTER,
        finality: { tag: 'latest' },
        pollIntervalMs: 20,
      },
      { onEvent: (event) => events.push(event) },
    );
    try {
      watch(chain);
      await other.rpc('anvil_mine', ['0x20']);
      await anvil.rpc('anvil_mine', ['0x1']);
      await reached(1n);
      await events.until((seen) => seen.length > 10);
      assert.ok(heads.items.every(({ height }) => height <= 1n));
      assert.ok(!events.items.some((event) => event.type === 'heads-source'));
    } finally {
      await other.stop();
    }
  });
});

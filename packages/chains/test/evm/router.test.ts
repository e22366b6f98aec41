import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { StorePath } from '@interchain-attestation/chains';
import {
  createEvmChain,
  type EvmChain,
  type EvmChainConfig,
  evmChainConfigSchema,
} from '@interchain-attestation/chains/evm';
import { packetCommitment } from '@interchain-attestation/core';
import { rejectsWith } from '../conformance/rejects-with.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { DEPLOYER, type Deployment, deployIbc } from '../support/ibc-contracts.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

describe('what is read as a router', () => {
  let anvil: Anvil;
  let ibc: Deployment;
  let open: EvmChain[];
  const receipt: StorePath = { kind: 'receipt', clientId: 'client-0', sequence: 1n };

  before(async () => {
    anvil = await startAnvil();
    ibc = await deployIbc(anvil);
    open = [];
  });
  after(async () => {
    await Promise.all(open.map((chain) => chain.close()));
    await anvil.stop();
  });

  const chainOf = (router: string, config: Partial<EvmChainConfig> = {}): EvmChain => {
    const base = { name: 'anvil', chainId: '31337', rpcUrl: anvil.url, finality: { tag: 'latest' } } as const;
    const chain = createEvmChain({ ...base, router, ...config });
    open.push(chain);
    return chain;
  };
  const readReceipt = async ({ reader }: EvmChain): Promise<readonly (Uint8Array | undefined)[]> =>
    reader.commitments(await reader.latestBlock(), [receipt]);

  test('the proxy is one', async () => {
    assert.deepEqual(await readReceipt(chainOf(ibc.router)), [undefined]);
  });

  test('the implementation behind the proxy is none, however it is configured', async () => {
    for (const routerKind of ['proxy', 'plain'] as const) {
      const error = await rejectsWith(readReceipt(chainOf(ibc.implementation, { routerKind })), 'chain/not-a-router');
      assert.match(error.message, /implementation behind a proxy/);
    }
  });

  test('an address without code is none, nor are an account, another contract, a light client', async () => {
    for (const router of ['0x000000000000000000000000000000000000dEaD', DEPLOYER, ibc.app, ibc.client]) {
      for (const routerKind of ['proxy', 'plain'] as const) {
        await rejectsWith(readReceipt(chainOf(router, { routerKind })), 'chain/not-a-router');
      }
    }
  });

  test('the router is none in a block before it was deployed', async () => {
    const { reader } = chainOf(ibc.router);
    const [early] = await reader.headers([1n]);
    assert.ok(early);
    await rejectsWith(reader.commitments(early, [receipt]), 'chain/not-a-router');
    await readReceipt(chainOf(ibc.router));
    await rejectsWith(reader.commitments(early, [receipt]), 'chain/not-a-router');
  });

  test('a getter that answers with another length is none', async () => {
    // Returns 64 bytes, 31 bytes, reverts, runs out of gas, has no code after all.
    for (const code of ['60406000f3', '601f6000f3', '60006000fd', '5b600056', '']) {
      const router = '0x00000000000000000000000000000000000c0de0';
      await anvil.rpc('anvil_setCode', [router, `0x${code}`]);
      await rejectsWith(readReceipt(chainOf(router, { routerKind: 'plain' })), 'chain/not-a-router');
    }
  });

  test('a router without a proxy has to be named as such', async () => {
    const router = '0x00000000000000000000000000000000000c0de1';
    await anvil.rpc('anvil_setCode', [router, '0x60206000f3']);
    const error = await rejectsWith(readReceipt(chainOf(router)), 'chain/not-a-router');
    assert.match(error.message, /routerKind: plain/);
    assert.deepEqual(await readReceipt(chainOf(router, { routerKind: 'plain' })), [undefined]);
  });

  test('commitments that begin with 0xEF are read', async () => {
    const router = '0x00000000000000000000000000000000000c0de2';
    await anvil.rpc('anvil_setCode', [router, `0x7fef${'00'.repeat(30)}0160005260206000f3`]);
    const [value] = await readReceipt(chainOf(router, { routerKind: 'plain' }));
    assert.equal(value?.[0], 0xef);
  });

  test('another chain behind the same URL is noticed, with the same chain id or another', async () => {
    const proxy = await startTcpProxy(anvil.port);
    const [same, other] = await Promise.all([
      startAnvil({ args: ['--timestamp', '1600000000'] }),
      startAnvil({ chainId: 31_338 }),
    ]);
    try {
      const { reader, clients } = chainOf(ibc.router, { rpcUrl: proxy.url });
      await reader.latestBlock();
      for (const impostor of [same, other]) {
        proxy.targetPort = impostor.port;
        await rejectsWith(reader.latestBlock(), 'chain/wrong-chain');
        await rejectsWith(reader.identity(), 'chain/wrong-chain');
        await rejectsWith(clients.clientState(ibc.clientId), 'chain/wrong-chain');
      }
      proxy.targetPort = anvil.port;
      await reader.latestBlock();
    } finally {
      await Promise.all([proxy.stop(), same.stop(), other.stop()]);
    }
  });

  test('reads a packet of a deep past, and a reorg past finality is seen', async () => {
    const chain = chainOf(ibc.router, { finality: { offset: 2 }, finalityCacheMs: 0 });
    const { timestampSec } = await chain.reader.latestBlock();
    const [event] = await chain.events.transactionEvents(await ibc.sendPacket('0x01', timestampSec + 3_600n));
    assert.ok(event);
    await anvil.rpc('anvil_mine', ['0xc8']);
    const [block] = await chain.reader.headers([event.height]);
    assert.ok(block);
    const path: StorePath = { kind: 'packet', clientId: 'client-0', sequence: event.packet.sequence };
    assert.deepEqual(await chain.reader.commitments(block, [path]), [packetCommitment(event.packet)]);
    const final = await chain.reader.finalizedBlock();
    // With a transaction: anvil makes empty blocks again as they were, hash and all.
    await anvil.rpc('anvil_reorg', [5, [[{ from: DEPLOYER, to: DEPLOYER, gas: '0x5208' }, 0]]]);
    await rejectsWith(chain.reader.commitments(final, [path]), 'chain/block-not-canonical');
    const [now] = await chain.reader.headers([final.height]);
    assert.notEqual(now?.hash, final.hash);
  });

  test('a light client that is none is named', async () => {
    const { clients } = chainOf(ibc.router);
    // The client's code becomes something else: answers nothing, answers too little, reverts.
    for (const code of ['', '0x00', '0x60206000f3', '0x60006000fd']) {
      await anvil.rpc('anvil_setCode', [ibc.client, code === '' ? '0x' : code]);
      await rejectsWith(clients.clientState(ibc.clientId), 'chain/not-an-attestation-client');
    }
    const { clients: ofNoRouter } = chainOf(DEPLOYER);
    await rejectsWith(ofNoRouter.clientState(ibc.clientId), 'chain/not-a-router');
  });

  test('configuration mistakes are named, and keep the URL to themselves', () => {
    const good = {
      name: 'a',
      chainId: '1',
      rpcUrl: 'http://127.0.0.1/secretkey',
      router: ibc.router,
      finality: { offset: 1 },
    };
    assert.ok(evmChainConfigSchema.safeParse(good).success);
    const bad = [
      { router: `0x${'00'.repeat(20)}` },
      { router: '0x1234' },
      { router: ibc.router.replace(/[a-f]/, (char) => char.toUpperCase()) },
      { chainId: '0x1' },
      { chainId: '0' },
      { rpcUrl: 'ftp://127.0.0.1/secretkey' },
      { rpcUrl: 'secretkey' },
      { wsUrl: 'http://127.0.0.1/secretkey' },
      { finality: { offset: -1 } },
      { finality: { tag: 'earliest' } },
      { finality: {} },
      { genesisHash: '0x12' },
      { maxBatchCalls: 1_001 },
      { unknownKey: 1 },
    ];
    for (const change of bad) {
      const parsed = evmChainConfigSchema.safeParse({ ...good, ...change });
      assert.ok(!parsed.success, JSON.stringify(change));
      assert.ok(!JSON.stringify(parsed.error.issues).includes('secretkey'), JSON.stringify(change));
      assert.throws(() => createEvmChain({ ...good, ...change } as EvmChainConfig), { code: 'chain/invalid-input' });
    }
  });
});

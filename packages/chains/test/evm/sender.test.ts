import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  createMemorySigner,
  type TransactionReceipt,
  type TxSender,
  type UnsignedTransaction,
} from '@interchain-attestation/chains';
import {
  type ChainEvent,
  createEvmChain,
  type EvmChain,
  type EvmSenderOptions,
} from '@interchain-attestation/chains/evm';
import { ics26RouterAbi, minimalAppArtifact } from '@interchain-attestation/contracts';
import { type Hex, hexToBytes } from '@interchain-attestation/core';
import { type Abi, encodeFunctionData } from 'viem';
import { rejectsWith } from '../conformance/rejects-with.ts';
import { type Anvil, startAnvil } from '../support/anvil.ts';
import { DEPLOYER, type Deployment, deployIbc, RELAYER_KEY } from '../support/ibc-contracts.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { createWatched, type Watched } from '../support/until.ts';

const GWEI = 10n ** 9n;

const isBroadcastAnswered = (event: ChainEvent): boolean =>
  event.type === 'rpc-batch' && event.calls.has('eth_sendRawTransaction');

describe('EVM sender', () => {
  let anvil: Anvil;
  let proxy: TcpProxy;
  let ibc: Deployment;
  let chain: EvmChain;
  let events: Watched<ChainEvent>;
  let timeoutSec: bigint;

  beforeEach(async () => {
    anvil = await startAnvil();
    ibc = await deployIbc(anvil);
    await anvil.rpc('evm_setAutomine', [false]);
    proxy = await startTcpProxy(anvil.port);
    events = createWatched();
    chain = openChain(proxy.url);
    timeoutSec = (await chain.reader.latestBlock()).timestampSec + 3_600n;
  });
  afterEach(async () => {
    await chain.close();
    await proxy.stop();
    await anvil.stop();
  });

  const openChain = (rpcUrl: string): EvmChain =>
    createEvmChain(
      { name: 'a', chainId: '31337', rpcUrl, router: ibc.router, finality: { tag: 'latest' }, pollIntervalMs: 20 },
      { onEvent: (event) => events.push(event) },
    );
  const senderOf = (options: EvmSenderOptions = {}, key: string = RELAYER_KEY): TxSender =>
    chain.createSender(createMemorySigner(key), options);
  const account = createMemorySigner(RELAYER_KEY).address;
  const mine = (): Promise<unknown> => anvil.rpc('anvil_mine', ['0x1']);
  const count = (type: ChainEvent['type']): number => events.items.filter((event) => event.type === type).length;
  const happened = (type: ChainEvent['type'], times = 1): Promise<void> => events.until(() => count(type) >= times);

  const send = (value: Hex = '0x1234'): UnsignedTransaction => {
    const payload = { sourcePort: ibc.port, destPort: ibc.port, version: 'v1', encoding: 'raw', value };
    const args = [ibc.router, { sourceClient: ibc.clientId, timeoutTimestamp: timeoutSec, payload }];
    const data = encodeFunctionData({ abi: minimalAppArtifact.abi as Abi, functionName: 'send', args });
    return { tx: hexToBytes(data), address: ibc.app };
  };
  /** Succeeds for whoever is first. */
  const claimPort = (): UnsignedTransaction => ({
    tx: hexToBytes(encodeFunctionData({ abi: ics26RouterAbi as Abi, functionName: 'addIBCApp', args: [ibc.app] })),
    address: ibc.router,
  });
  /** Mines until the promise settles, a block whenever something happened on our side. */
  const mineUntil = async <T>(work: Promise<T>, beforeBlock: () => Promise<unknown> = async () => {}): Promise<T> => {
    let settled = false;
    const done = work.finally(() => {
      settled = true;
    });
    done.catch(() => {});
    while (!settled) {
      await beforeBlock();
      await mine();
      const seen = count('rpc-batch');
      // Two rounds of the tracker see this block before the next one comes.
      await Promise.race([events.until(() => count('rpc-batch') >= seen + 2), done.catch(() => {})]);
    }
    return done;
  };

  test('a transaction that is priced out is replaced by one that pays more, at the same nonce', async () => {
    const ids: Hex[] = [];
    const submitted = senderOf({ bumpAfterBlocks: 2 }).submit(send(), { onBroadcast: (txId) => ids.push(txId) });
    await happened('tx-broadcast');
    // The base fee stays above what was offered first.
    const raiseBaseFee = () => anvil.rpc('anvil_setNextBlockBaseFeePerGas', [`0x${(8n * GWEI).toString(16)}`]);
    const receipt = await mineUntil(submitted, raiseBaseFee);
    assert.ok(receipt.success);
    assert.ok(ids.length > 1);
    assert.equal(receipt.txId, ids.at(-1));
    const nonces = events.items.flatMap((event) => (event.type === 'tx-broadcast' ? [event.nonce] : []));
    assert.equal(new Set(nonces).size, 1);
  });

  test('fees are not raised above the configured cap', async () => {
    const cap = 3n * GWEI;
    const ids: Hex[] = [];
    const submitted = senderOf({ bumpAfterBlocks: 1, maxFeePerGas: cap, giveUpAfterBlocks: 12 }).submit(send(), {
      onBroadcast: (txId) => ids.push(txId),
    });
    await happened('tx-broadcast');
    const raiseBaseFee = () => anvil.rpc('anvil_setNextBlockBaseFeePerGas', [`0x${(8n * GWEI).toString(16)}`]);
    const error = await rejectsWith(mineUntil(submitted, raiseBaseFee), 'chain/tx-dropped');
    assert.equal(error.retryable, true);
    for (const txId of ids) {
      const sent = await anvil.rpc<{ maxFeePerGas: Hex } | null>('eth_getTransactionByHash', [txId]);
      assert.ok(sent === null || BigInt(sent.maxFeePerGas) <= cap);
    }
  });

  test('a transaction that the node dropped is sent again', async () => {
    const ids: Hex[] = [];
    const submitted = senderOf().submit(send(), { onBroadcast: (txId) => ids.push(txId) });
    await happened('tx-broadcast');
    await events.until((seen) => seen.some(isBroadcastAnswered));
    assert.equal(await anvil.rpc('anvil_dropTransaction', [ids[0]]), ids[0]);
    const receipt = await mineUntil(submitted);
    assert.equal(receipt.txId, ids[0]);
    assert.ok(count('tx-rebroadcast') >= 1);
  });

  test('another process that takes the nonce does not wedge it', async () => {
    const ids: Hex[] = [];
    const submitted = senderOf().submit(send(), { onBroadcast: (txId) => ids.push(txId) });
    await happened('tx-broadcast');
    await events.until((seen) => seen.some(isBroadcastAnswered));
    const gasPrice = `0x${(100n * GWEI).toString(16)}`;
    await anvil.rpc('eth_sendTransaction', [{ from: account, to: account, nonce: '0x0', gas: '0x5208', gasPrice }]);
    const receipt = await mineUntil(submitted);
    assert.ok(receipt.success);
    assert.equal(receipt.txId, ids.at(-1));
    assert.equal(ids.length, 2);
  });

  test('two processes with one key both get everything in', async () => {
    const other = openChain(anvil.url);
    try {
      const senders = [senderOf(), other.createSender(createMemorySigner(RELAYER_KEY))];
      const work = Promise.all(senders.flatMap((sender) => Array.from({ length: 6 }, () => sender.submit(send()))));
      const receipts = await mineUntil(work);
      const sequences = receipts.map((receipt) => receipt.events[0]?.packet.sequence);
      assert.equal(new Set(sequences).size, 12);
    } finally {
      await other.close();
    }
  });

  test('a nonce that somebody took and left is cleared', async () => {
    const foreign = await anvil.rpc<Hex>('eth_sendTransaction', [
      { from: account, to: account, nonce: '0x0', gas: '0x5208' },
    ]);
    const submitted = senderOf({ unblockAfterBlocks: 2 }).submit(send());
    await happened('tx-broadcast');
    await events.until((seen) => seen.some(isBroadcastAnswered));
    assert.equal(await anvil.rpc('anvil_dropTransaction', [foreign]), foreign);
    const receipt = await mineUntil(submitted);
    assert.ok(receipt.success);
    const sent = await anvil.rpc<{ nonce: Hex }>('eth_getTransactionByHash', [receipt.txId]);
    assert.equal(sent.nonce, '0x1');
    assert.equal(await anvil.rpc('eth_getTransactionReceipt', [foreign]), null);
  });

  test('a new process starts behind what the last one left in the pool', async () => {
    const first = senderOf().submit(send('0x01'));
    await happened('tx-broadcast');
    first.catch(() => {});
    await events.until((seen) => seen.some(isBroadcastAnswered));
    const restarted = openChain(anvil.url);
    try {
      const second = restarted.createSender(createMemorySigner(RELAYER_KEY)).submit(send('0x02'));
      await happened('tx-broadcast', 2);
      const receipts = await mineUntil(Promise.all([first, second]));
      assert.deepEqual(
        receipts.map(({ success }) => success),
        [true, true],
      );
      const nonces = events.items.flatMap((event) => (event.type === 'tx-broadcast' ? [event.nonce] : []));
      assert.deepEqual(nonces, [0, 1]);
    } finally {
      await restarted.close();
    }
  });

  test('a transaction that fails in its block says why', async () => {
    const rival = senderOf({}, '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
    const submitted = Promise.all([senderOf().submit(claimPort()), rival.submit(claimPort())]);
    await happened('tx-broadcast', 2);
    const receipts = await mineUntil(submitted);
    const failed = receipts.filter(({ success }) => !success);
    assert.equal(failed.length, 1);
    assert.match(failed[0]?.failure ?? '', /^IBCPortAlreadyExists\(/);
    assert.deepEqual(failed[0]?.events, []);
  });

  test('a receipt that a reorg took back: the transaction returns to the pool', async () => {
    const receipt: TransactionReceipt = await mineUntil(senderOf().submit(send()));
    const before = events.items.length;
    const head = await chain.reader.latestBlock();
    const depth = Number(head.height - receipt.height) + 1;
    await anvil.rpc('anvil_reorg', [depth, [[{ from: DEPLOYER, to: DEPLOYER, gas: '0x5208' }, 0]]]);
    await events.until((seen) => {
      const rest = seen.slice(before);
      const at = rest.findIndex(({ type }) => type === 'tx-rebroadcast');
      return at >= 0 && rest.slice(at).some(isBroadcastAnswered);
    });
    await mine();
    const again = await anvil.rpc<{ status: Hex; blockHash: Hex } | null>('eth_getTransactionReceipt', [receipt.txId]);
    assert.equal(again?.status, '0x1');
    assert.notEqual(again?.blockHash, receipt.blockHash);
  });

  test('an outage between broadcast and block costs nothing', async () => {
    const submitted = senderOf().submit(send());
    await happened('tx-broadcast');
    await events.until((seen) => seen.some(isBroadcastAnswered));
    proxy.down = true;
    await happened('rpc-outage');
    await mine();
    proxy.down = false;
    assert.ok((await submitted).success);
  });

  test('an account without money is named', async () => {
    const poor = senderOf({}, `0x${'12'.repeat(32)}`);
    assert.equal(await poor.balance(), 0n);
    const error = await rejectsWith(poor.submit(send()), 'chain/insufficient-funds');
    assert.equal(error.retryable, true);
  });

  test('a transaction above the gas limit is refused before it is sent', async () => {
    const hungry = '0x00000000000000000000000000000000000c0de0';
    await anvil.rpc('anvil_setCode', [hungry, '0x5b600056']);
    const simulation = await senderOf().simulate({ tx: new Uint8Array(), address: hungry });
    assert.ok(!simulation.ok);
    assert.equal(simulation.reason, 'out-of-gas');
    await rejectsWith(senderOf().submit({ tx: new Uint8Array(), address: hungry }), 'chain/simulation-failed');
    assert.equal(count('tx-broadcast'), 0);
  });

  test('a revert without data, and one with an unknown error, have a name', async () => {
    const target = '0x00000000000000000000000000000000000c0de1';
    for (const [code, reason] of [
      ['60006000fd', 'reverted'],
      ['63deadbeef60e01b60005260046000fd', 'unknown error 0xdeadbeef'],
      ['fe', 'reverted'],
    ] as const) {
      await anvil.rpc('anvil_setCode', [target, `0x${code}`]);
      const simulation = await senderOf().simulate({ tx: new Uint8Array(), address: target });
      assert.ok(!simulation.ok);
      assert.equal(simulation.reason, reason);
    }
  });

  test('what waits in the pool counts for no estimate: it may come later', async () => {
    const sender = senderOf();
    const alone = await sender.simulate(send());
    // The first packet of a client costs more than those after it.
    const first = sender.submit(send());
    await happened('tx-broadcast');
    assert.deepEqual(await sender.simulate(send()), alone);
    assert.ok((await mineUntil(first)).success);
    const second = await sender.simulate(send());
    assert.ok(alone.ok && second.ok && second.gas < alone.gas);
  });

  test("an address that is none is the caller's mistake", async () => {
    await rejectsWith(senderOf().submit({ tx: new Uint8Array(), address: 'cosmos1abc' }), 'chain/invalid-input');
    await rejectsWith(senderOf().simulate({ tx: new Uint8Array(), address: '' }), 'chain/invalid-input');
  });

  test('a caller that gives up leaves the others alone', async () => {
    const stop = new AbortController();
    const sender = senderOf();
    const left = sender.submit(send(), { signal: stop.signal });
    const stayed = sender.submit(send());
    await happened('tx-broadcast', 2);
    const reason = new Error('shutdown');
    stop.abort(reason);
    await assert.rejects(left, reason);
    assert.ok((await mineUntil(stayed)).success);
  });
});

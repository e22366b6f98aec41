import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createMemorySigner, type TransactionReceipt } from '@interchain-attestation/chains';
import { type ChainEvent, createEvmChain, type EvmChain } from '@interchain-attestation/chains/evm';
import { type Hex, hexToBytes, keccak256 } from '@interchain-attestation/core';
import { parseTransaction } from 'viem';
import { hex, type ScriptedCall, type ScriptedRpc, scriptedBlock, startScriptedRpc } from '../support/scripted-rpc.ts';
import { createWatched, type Watched } from '../support/until.ts';

const ROUTER = '0x5FbDB2315678afecb367f032d93F642f64180aa3';

/** A chain that takes transactions in order, a block each, behind nodes of which each may lag. */
interface Ledger {
  /** Hashes, in the order of blocks and nonces; `rival` stands for what another process sent. */
  readonly mined: string[];
  /** Blocks that the node which answers has. */
  visible: number;
}

describe('EVM sender whose broadcast was answered by nobody', () => {
  let node: ScriptedRpc;
  let chain: EvmChain;
  let ledger: Ledger;
  let events: Watched<ChainEvent>;

  const blockOf = (hash: string): number | undefined => {
    const at = ledger.mined.indexOf(hash) + 1;
    return at > 0 && at <= ledger.visible ? at : undefined;
  };
  const seen = (): number => Math.min(ledger.visible, ledger.mined.length);

  const results: Readonly<Record<string, (params: readonly unknown[]) => unknown>> = {
    eth_blockNumber: () => hex(ledger.visible),
    eth_getBlockByNumber: ([tag]) => {
      const height = tag === 'latest' ? ledger.visible : Number(tag);
      return height > ledger.visible ? null : scriptedBlock(height);
    },
    eth_maxPriorityFeePerGas: () => hex(1),
    eth_estimateGas: () => hex(21_000),
    eth_getTransactionCount: () => hex(seen()),
    eth_getTransactionByHash: ([hash]) => (blockOf(String(hash)) === undefined ? null : { hash }),
    eth_getTransactionReceipt: ([hash]) => {
      const height = blockOf(String(hash));
      if (height === undefined) return null;
      const { number: blockNumber, hash: blockHash } = scriptedBlock(height);
      return { blockNumber, blockHash, status: '0x1', gasUsed: hex(21_000), effectiveGasPrice: '0x1', logs: [] };
    },
  };
  const hashOf = (raw: unknown): string => `0x${Buffer.from(keccak256(hexToBytes(raw as Hex))).toString('hex')}`;

  /** What the chain itself says to a broadcast, whatever the node that is asked next has seen. */
  const take = (raw: unknown) => {
    const { nonce = 0 } = parseTransaction(raw as Hex);
    if (nonce < ledger.mined.length) return { error: { code: -32000, message: 'nonce too low' } };
    ledger.mined.push(hashOf(raw));
    return { result: hashOf(raw) };
  };
  const broadcastIn = (calls: readonly ScriptedCall[]): unknown =>
    calls.find(({ method }) => method === 'eth_sendRawTransaction')?.params[0];
  const asked = (name: string): number => node.requests.flat().filter(({ method }) => method === name).length;

  beforeEach(async () => {
    node = await startScriptedRpc();
    ledger = { mined: [], visible: 0 };
    node.answer = ({ method, params }) => {
      if (method === 'eth_sendRawTransaction') return take(params[0]);
      const result = results[method];
      return result === undefined ? undefined : { result: result(params) };
    };
    events = createWatched();
    chain = createEvmChain(
      {
        name: 'a',
        chainId: '31337',
        rpcUrl: node.url,
        router: ROUTER,
        finality: { tag: 'latest' },
        pollIntervalMs: 20,
      },
      { onEvent: (event) => events.push(event) },
    );
  });
  afterEach(async () => {
    await chain.close();
    await node.stop();
  });

  const submit = (onBroadcast: (txId: Hex) => void = () => {}): Promise<TransactionReceipt> =>
    chain
      .createSender(createMemorySigner(`0x${'09'.repeat(32)}`))
      .submit({ tx: Uint8Array.of(1, 2, 3, 4), address: ROUTER }, { onBroadcast });
  /** The balancer answers the first broadcast with an error page, after `deliver`. */
  const loseFirstAnswer = (deliver: (raw: unknown) => void): void => {
    let lost = false;
    node.raw = (calls) => {
      const raw = broadcastIn(calls);
      if (raw === undefined || lost) return undefined;
      lost = true;
      deliver(raw);
      return { status: 502, body: '<html>bad gateway</html>' };
    };
  };
  /** Batches in which the sender looked, after now. */
  const looks = (times: number): Promise<void> => {
    const from = events.items.length;
    const isLook = (event: ChainEvent) => event.type === 'rpc-batch' && event.calls.has('eth_getTransactionReceipt');
    return events.until((all) => all.slice(from).filter(isLook).length >= times);
  };

  test('taken and mined, its answer lost: it keeps its nonce and goes out once', async () => {
    loseFirstAnswer((raw) => {
      take(raw);
      ledger.visible = ledger.mined.length;
    });
    const ids: Hex[] = [];
    const submitted = submit((txId) => ids.push(txId));
    await looks(1);
    assert.equal(ids.length, 1);
    const receipt = await submitted;
    assert.deepEqual(ids, [receipt.txId]);
    assert.deepEqual(ledger.mined, ids);
    assert.equal(asked('eth_sendRawTransaction'), 2);
  });

  test('the same, where the node that is asked about it lags behind the one that refused the repetition', async () => {
    loseFirstAnswer(take);
    const ids: Hex[] = [];
    const submitted = submit((txId) => ids.push(txId));
    await looks(2);
    assert.equal(ids.length, 1);
    ledger.visible = 1;
    const receipt = await submitted;
    assert.deepEqual(ids, [receipt.txId]);
    assert.deepEqual(ledger.mined, ids);
  });

  test('its nonce went to another process meanwhile: signed anew once, after several heads', async () => {
    loseFirstAnswer(() => ledger.mined.push('rival'));
    const ids: Hex[] = [];
    const submitted = submit((txId) => ids.push(txId));
    await looks(2);
    // It has used the nonce by all that is visible, but one look may stand on two sides of a block.
    ledger.visible = 1;
    await looks(1);
    assert.equal(ids.length, 1);
    ledger.visible = 2;
    await events.until(() => ids.length === 2);
    ledger.visible = 3;
    const receipt = await submitted;
    assert.deepEqual(ledger.mined, ['rival', receipt.txId]);
    assert.equal(receipt.txId, ids[1]);
  });

  test('a balancer that hands it to several nodes and passes on a refusal: it is known, and followed', async () => {
    node.answer = ((answer) => (call: ScriptedCall) => {
      if (call.method !== 'eth_sendRawTransaction') return answer(call);
      take(call.params[0]);
      ledger.visible = ledger.mined.length;
      return take(call.params[0]);
    })(node.answer);
    const receipt = await submit();
    assert.deepEqual(ledger.mined, [receipt.txId]);
    assert.equal(asked('eth_getTransactionByHash'), 1);
  });

  test('a nonce that was taken before it was tried is left at once', async () => {
    // The node that counted was behind.
    ledger.mined.push('rival');
    const ids: Hex[] = [];
    const submitted = submit((txId) => ids.push(txId));
    await events.until(() => ids.length === 2);
    ledger.visible = 2;
    const receipt = await submitted;
    assert.deepEqual(ledger.mined, ['rival', receipt.txId]);
  });

  test('a receipt that does not read holds up no other transaction, and is no reason to sign anew', async () => {
    let isBroken = true;
    node.answer = (
      (answer) => (call: ScriptedCall) =>
        isBroken && call.method === 'eth_getTransactionReceipt' && call.params[0] === ledger.mined[0]
          ? { result: { blockNumber: 'soon', blockHash: 'unknown' } }
          : answer(call)
    )(node.answer);
    const sender = chain.createSender(createMemorySigner(`0x${'09'.repeat(32)}`));
    const transaction = { tx: Uint8Array.of(1, 2, 3, 4), address: ROUTER };
    const first = sender.submit(transaction);
    await events.until((all) => all.some(({ type }) => type === 'tx-broadcast'));
    const second = sender.submit(transaction);
    await events.until((all) => all.filter(({ type }) => type === 'tx-broadcast').length === 2);
    ledger.visible = 2;
    assert.equal((await second).txId, ledger.mined[1]);
    ledger.visible = 3;
    await looks(2);
    isBroken = false;
    ledger.visible = 4;
    assert.equal((await first).txId, ledger.mined[0]);
    assert.equal(ledger.mined.length, 2);
  });

  test('a transaction of ours whose receipt does not read is not taken for one that stands in our way', async () => {
    node.answer = ((answer) => (call: ScriptedCall) => {
      if (call.method === 'eth_getTransactionCount') return { result: hex(0) };
      if (call.method !== 'eth_getTransactionReceipt') return answer(call);
      return { result: call.params[0] === ledger.mined[0] ? { blockNumber: 'soon', blockHash: 'unknown' } : null };
    })(node.answer);
    const sender = chain.createSender(createMemorySigner(`0x${'09'.repeat(32)}`));
    const transaction = { tx: Uint8Array.of(1, 2, 3, 4), address: ROUTER };
    const submitted = [sender.submit(transaction), sender.submit(transaction)];
    for (const one of submitted) one.catch(() => {});
    await events.until((all) => all.filter(({ type }) => type === 'tx-broadcast').length === 2);
    // More than it takes to clear a nonce that somebody else left behind.
    for (let head = 1; head <= 25; head++) {
      ledger.visible = head;
      await looks(1);
    }
    assert.equal(ledger.mined.length, 2);
  });
});

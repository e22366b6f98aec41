import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TransactionReceipt, TxSender } from '@interchain-attestation/chains';
import type { CosmosSenderOptions } from '@interchain-attestation/chains/cosmos';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import type { ChainEvent } from '../../src/chain-event.ts';
import { rejectsWith } from '../conformance/index.ts';
import { type CosmosFixture, startCosmosFixture } from './cosmos-harness.ts';
import { body, sendTransfer } from './ibc-messages.ts';
import { type Meddle, startMeddlingProxy } from './meddling-proxy.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: { readonly tx?: string };
}

/** Answers broadcasts as a node that took them, and forgets them. */
const swallow: Meddle = async (request, forward) => {
  const calls = JSON.parse(request) as Call[];
  const others = calls.filter(({ method }) => method !== 'broadcast_tx_sync');
  // CometBFT answers a batch of one with an object.
  const answers = [JSON.parse(await forward(JSON.stringify(others)))].flat() as unknown[];
  for (const { id, params } of calls.filter(({ method }) => method === 'broadcast_tx_sync')) {
    const hash = createHash('sha256')
      .update(Buffer.from(params.tx ?? '', 'base64'))
      .digest('hex')
      .toUpperCase();
    answers.push({ jsonrpc: '2.0', id, result: { code: 0, data: '', log: '', codespace: '', hash } });
  }
  return JSON.stringify(answers);
};

describe('Cosmos sender behind a node that loses things', () => {
  let fixture: CosmosFixture;
  before(async () => {
    if (skip !== false) return;
    fixture = await startCosmosFixture();
  });
  after(() => fixture?.stop());

  const transfer = () =>
    body(sendTransfer({ clientId: fixture.clientId, signer: fixture.relayerAddress, timeoutSec: fixture.timeoutSec }));

  /** A sender whose node is meddled with; every packet of the relayer's that the chain holds is counted afterwards. */
  const withMeddled = async (
    meddle: Meddle,
    options: CosmosSenderOptions,
    use: (sender: TxSender, events: readonly ChainEvent[]) => Promise<number>,
  ): Promise<void> => {
    const { height: from } = await fixture.chain.reader.latestBlock();
    const proxy = await startMeddlingProxy(fixture.node.port, meddle);
    const events: ChainEvent[] = [];
    const chain = fixture.connect(
      { onEvent: (event) => events.push(event) },
      { rpcUrl: proxy.url, pollIntervalMs: 50, retries: 0 },
    );
    try {
      const expected = await use(chain.createSender(fixture.relayer, options), events);
      const { height: to } = await fixture.chain.reader.latestBlock();
      let sent = 0;
      for await (const piece of fixture.chain.events.events(from + 1n, to)) sent += piece.events.length;
      assert.equal(sent, expected, 'packets that were sent');
    } finally {
      await chain.close();
      await proxy.stop();
    }
  };

  test('an answer to the broadcast that is lost: done once, and found', { skip }, async () => {
    let cut = 0;
    const meddle: Meddle = async (request, forward) => {
      const answer = await forward(request);
      return request.includes('broadcast_tx_sync') && cut++ === 0 ? 'cut' : answer;
    };
    await withMeddled(meddle, {}, async (sender) => {
      const receipt = await sender.submit(transfer());
      assert.equal(receipt.success, true);
      return 1;
    });
  });

  test('a transaction that the node forgot is broadcast again', { skip }, async () => {
    let swallowed = 0;
    const meddle: Meddle = (request, forward) =>
      request.includes('broadcast_tx_sync') && swallowed++ === 0 ? swallow(request, forward) : forward(request);
    await withMeddled(meddle, {}, async (sender, events) => {
      const receipt = await sender.submit(transfer());
      assert.equal(receipt.success, true);
      assert.ok(events.some((event) => event.type === 'tx-rebroadcast' && event.txId === receipt.txId));
      return 1;
    });
  });

  test('a transaction that no block takes ends as dropped when it can no longer be included', { skip }, async () => {
    await withMeddled(swallow, { giveUpAfterBlocks: 5 }, async (sender) => {
      const error = await rejectsWith(sender.submit(transfer()), 'chain/tx-dropped');
      assert.equal(error.retryable, true);
      return 0;
    });
  });

  test('a sequence that another process used meanwhile: signed anew, both done once', { skip }, async () => {
    let swallowed = 0;
    const meddle: Meddle = (request, forward) =>
      request.includes('broadcast_tx_sync') && swallowed++ < 1 ? swallow(request, forward) : forward(request);
    // Not sent again before the rival's is in a block.
    await withMeddled(meddle, { rebroadcastAfterBlocks: 20 }, async (sender) => {
      const rival = fixture.connect();
      const txIds: string[] = [];
      let other: Promise<TransactionReceipt> | undefined;
      const receipt = await sender.submit(transfer(), {
        onBroadcast(txId) {
          txIds.push(txId);
          other ??= rival.createSender(fixture.relayer).submit(transfer());
        },
      });
      assert.equal(receipt.success, true);
      assert.equal((await other)?.success, true);
      await rival.close();
      assert.equal(txIds.length, 2, 'it was not signed anew');
      assert.equal(receipt.txId, txIds[1]);
      return 2;
    });
  });

  test('an index that never knows the transaction: found in the block itself, not sent again', { skip }, async () => {
    const meddle: Meddle = async (request, forward) => {
      const calls = JSON.parse(request) as Call[];
      const answers = [JSON.parse(await forward(request))].flat() as { id: number }[];
      const hidden = new Set(calls.filter(({ method }) => method === 'tx').map(({ id }) => id));
      const error = { code: -32603, message: 'Internal error', data: 'tx (00) not found' };
      return JSON.stringify(answers.map((answer) => (hidden.has(answer.id) ? { id: answer.id, error } : answer)));
    };
    await withMeddled(meddle, {}, async (sender) => {
      const receipt = await sender.submit(transfer());
      assert.equal(receipt.success, true);
      assert.equal(receipt.events.length, 1);
      return 1;
    });
  });

  test('what waits ends when the chain is closed', { skip }, async () => {
    const proxy = await startMeddlingProxy(fixture.node.port, swallow);
    const chain = fixture.connect({}, { rpcUrl: proxy.url, retries: 0 });
    const { promise: out, resolve } = Promise.withResolvers<void>();
    const submission = chain.createSender(fixture.relayer).submit(transfer(), { onBroadcast: () => resolve() });
    const ended = rejectsWith(submission, 'chain/unavailable');
    await out;
    await chain.close();
    assert.equal((await ended).meta.kind, 'closed');
    await proxy.stop();
  });
});

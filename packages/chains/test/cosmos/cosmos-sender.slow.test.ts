import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Comet38Client } from '@cosmjs/tendermint-rpc';
import type { TxSender } from '@interchain-attestation/chains';
import {
  type CosmosChain,
  cosmosAddress,
  createCosmosChain,
  signerFromMnemonic,
} from '@interchain-attestation/chains/cosmos';
import { type Hex, hexToBytes } from '@interchain-attestation/core';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import { AuthInfo, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { ChainEvent } from '../../src/chain-event.ts';
import { rejectsWith } from '../conformance/index.ts';
import { ATTESTORS, CHAIN_ID, type CosmosFixture, startCosmosFixture } from './cosmos-harness.ts';
import { body, createClient, sendTransfer } from './ibc-messages.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));

describe('Cosmos sender on ibc-go', () => {
  let fixture: CosmosFixture;
  let chain: CosmosChain;
  let events: ChainEvent[];
  let sender: TxSender;
  const transfer = (amount = '1') =>
    body(
      sendTransfer({
        clientId: fixture.clientId,
        signer: fixture.relayerAddress,
        timeoutSec: fixture.timeoutSec,
        amount,
      }),
    );

  before(async () => {
    if (skip !== false) return;
    fixture = await startCosmosFixture();
    events = [];
    chain = fixture.connect({ onEvent: (event) => events.push(event) });
    sender = chain.createSender(fixture.relayer);
  });
  after(async () => {
    await chain?.close();
    await fixture?.stop();
  });

  test('two processes with one key both get through: a lost sequence is asked for again', { skip }, async () => {
    const other = fixture.connect();
    const rival = other.createSender(fixture.relayer);
    const receipts = await Promise.all([
      ...Array.from({ length: 5 }, () => sender.submit(transfer())),
      ...Array.from({ length: 5 }, () => rival.submit(transfer())),
    ]);
    await other.close();
    assert.ok(receipts.every(({ success }) => success));
    const sequences = receipts.map(({ events: made }) => made[0]?.packet.sequence);
    assert.equal(new Set(sequences).size, 10, 'a transaction was done twice, or not at all');
  });

  test('pays in the denomination it was told, and what the receipt says', { skip }, async () => {
    const inToken = chain.createSender(fixture.relayer, { gasPrice: '0.5token', gasAdjustment: 1.5 });
    const receipt = await inToken.submit(transfer());
    assert.equal(receipt.success, true);
    assert.ok(receipt.feePaid >= (receipt.gasUsed * 3n) / 4n);
    assert.ok((await inToken.balance()) > 0n);
    // ibc-go's test application deducts no fee: what was offered stands in the transaction.
    const comet = await Comet38Client.connect(fixture.node.rpcUrl);
    const included = await comet.tx({ hash: hexToBytes(receipt.txId) });
    comet.disconnect();
    const { fee } = AuthInfo.decode(TxRaw.decode(included.tx).authInfoBytes);
    assert.deepEqual(fee?.amount, [{ denom: 'token', amount: receipt.feePaid.toString() }]);
  });

  test('names what a transaction failed of, and still says what it cost', { skip }, async () => {
    const thrifty = chain.createSender(fixture.relayer, { gasAdjustment: 0.8 });
    const receipt = await thrifty.submit(transfer());
    assert.equal(receipt.success, false);
    assert.match(receipt.failure ?? '', /^out-of-gas: /);
    assert.deepEqual(receipt.events, []);
    assert.ok(receipt.feePaid > 0n);
    await rejectsWith(chain.events.transactionEvents(receipt.txId), 'chain/tx-failed');
    assert.equal((await sender.submit(transfer())).success, true, 'the failed one used its sequence');
  });

  test('a transaction whose timeout height has passed ends as dropped, and is not done', { skip }, async () => {
    const { height } = await chain.reader.latestBlock();
    // Refused by the node at once: its timeout is behind. With a node that took it, the tracker would find it expired.
    const late = TxBody.decode(transfer().tx);
    late.timeoutHeight = height - 1n;
    const error = await rejectsWith(
      sender.submit({ tx: TxBody.encode(late).finish(), address: '' }),
      'chain/simulation-failed',
    );
    assert.equal(error.meta.reason, 'sdk/30');
  });

  test('an account that nobody paid into is told from an outage', { skip }, async () => {
    const nobody = await signerFromMnemonic(
      'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about',
    );
    const poor = chain.createSender(nobody);
    assert.equal(await poor.balance(), 0n);
    await rejectsWith(poor.submit(transfer()), 'chain/insufficient-funds');
  });

  test('many packets at once are found again, in order, by range', { skip }, async () => {
    const from = (await chain.reader.latestBlock()).height;
    const messages = Array.from({ length: 50 }, () =>
      sendTransfer({ clientId: fixture.clientId, signer: fixture.relayerAddress, timeoutSec: fixture.timeoutSec }),
    );
    const receipt = await sender.submit(body(...messages));
    assert.equal(receipt.events.length, 50);
    const found: bigint[] = [];
    for await (const piece of chain.events.events(from, receipt.height)) {
      found.push(...piece.events.filter(({ txId }) => txId === receipt.txId).map(({ packet }) => packet.sequence));
    }
    assert.deepEqual(
      found,
      receipt.events.map(({ packet }) => packet.sequence),
    );
    const indices = receipt.events.map(({ index }) => index);
    assert.deepEqual(
      indices,
      [...indices].sort((a, b) => a - b),
    );
  });

  test('takes only what is a transaction for Cosmos', { skip }, async () => {
    await rejectsWith(sender.submit({ tx: Uint8Array.of(0xff), address: '' }), 'chain/invalid-input');
    await rejectsWith(sender.submit({ tx: new Uint8Array(), address: '' }), 'chain/invalid-input');
    await rejectsWith(sender.submit({ ...transfer(), address: '0x01' }), 'chain/invalid-input');
  });

  test('a client of another chain id is refused by the check of who answers', { skip }, async () => {
    const wrong = createCosmosChain({ name: 'other', chainId: 'osmosis-1', rpcUrl: fixture.node.rpcUrl });
    const error = await rejectsWith(wrong.reader.latestBlock(), 'chain/wrong-chain');
    assert.equal(error.meta.got, CHAIN_ID);
    await wrong.close();
    const genesisHash = `0x${'ab'.repeat(32)}`;
    const forked = createCosmosChain({ name: 'forked', chainId: CHAIN_ID, rpcUrl: fixture.node.rpcUrl, genesisHash });
    await rejectsWith(forked.reader.identity(), 'chain/wrong-chain');
    await forked.close();
  });

  test('heads come by subscription, each once and without a gap', { skip }, async () => {
    const heights: bigint[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const watch = chain.events.watchHeads({
      onHead({ height }) {
        heights.push(height);
        if (heights.length === 6) resolve();
      },
    });
    await promise;
    watch.close();
    assert.deepEqual(
      heights.map((height) => height - (heights[0] ?? 0n)),
      heights.map((_, i) => BigInt(i)),
    );
    assert.ok(events.some((event) => event.type === 'heads-source' && event.source === 'subscription'));
  });

  test('a key from a mnemonic has the account that the chain knows', { skip }, async () => {
    const signer = await signerFromMnemonic(
      'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about',
    );
    // The well-known first Cosmos account of this mnemonic.
    assert.equal(cosmosAddress(signer.publicKey, 'cosmos'), 'cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4');
    const created = await sender.submit(
      body(
        createClient({
          attestors: ATTESTORS,
          minRequiredSigs: 1,
          latestHeight: 9n,
          timestampSec: 1_700_000_000n,
          signer: fixture.relayerAddress,
        }),
      ),
    );
    assert.equal(created.success, true);
    assert.equal((await chain.clients.clientState('attestations-1')).minRequiredSigs, 1);
    const missing: Hex = `0x${'00'.repeat(32)}`;
    await rejectsWith(chain.events.transactionEvents(missing), 'chain/tx-not-found');
  });
});

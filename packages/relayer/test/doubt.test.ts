import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ICS20_SUCCESS_ACK } from '@interchain-attestation/core';
import { GrpcCode, RpcError } from '@interchain-attestation/service';
import { countOf, createFakeWorld } from './support/fake-world.ts';

describe('what the proof API refuses', () => {
  for (const [reason, code] of [
    ['proof-api/packets-refused', GrpcCode.InvalidArgument],
    ['proof-api/nothing-to-relay', GrpcCode.NotFound],
    ['proof-api/proof-refused', GrpcCode.Aborted],
    ['', GrpcCode.InvalidArgument],
  ] as const) {
    test(`${reason || 'a status without a reason'} is tried on, never the end of a packet, and holds up no other`, async (t) => {
      const world = createFakeWorld();
      t.after(world.close);
      const relayer = await world.start({ maxAttempts: 2 });
      let refusals = 0;
      world.onMessages = (messages) => {
        if (!messages.some(({ packet }) => packet === bad)) return;
        refusals += 1;
        throw new RpcError(code, 'refused', reason === '' ? {} : { reason });
      };
      const bad = Buffer.from(
        (await import('@interchain-attestation/core')).encodePacket(world.send(world.a, 1n)),
      ).toString('base64');
      world.send(world.a, 2n);
      await world.until(() => refusals >= 5);
      await world.until(
        async () => (await countOf(relayer, 'acknowledged')) === 1 || reason === 'proof-api/nothing-to-relay',
      );
      assert.equal(await countOf(relayer, 'failed'), 0);
      world.onMessages = undefined;
      await world.until(async () => (await countOf(relayer, 'acknowledged')) === 2);
      assert.equal(world.b.received.size, 2);
    });
  }

  test('a packet that the proof API leaves out of every batch is no dead letter', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 2 });
    let isLeftOut = true;
    let requests = 0;
    world.onMessages = (messages) => {
      requests += 1;
      if (isLeftOut && messages.length > 1) messages.splice(0, 1);
      else if (isLeftOut) throw new RpcError(GrpcCode.NotFound, 'gone', { reason: 'proof-api/nothing-to-relay' });
    };
    world.send(world.a, 1n);
    world.send(world.a, 2n);
    await world.until(() => requests > 6);
    assert.equal(await countOf(relayer, 'failed'), 0);
    isLeftOut = false;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 2);
  });

  test('commitment gone, since its timeout happened before the records begin: the chain is asked, and tells', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const { timestampSec } = await world.b.chain.reader.latestBlock();
    const packet = world.send(world.a, 1n, { timeoutSec: timestampSec + 4_000_000n });
    world.a.chain.mine();
    world.a.chain.timeoutPacket(packet);
    world.a.chain.mine(5);
    const events = [];
    for await (const piece of world.a.chain.events.events(0n, (await world.a.chain.reader.latestBlock()).height)) {
      events.push(...piece.events);
    }
    const relayer = await world.start({ maxAttempts: 2 });
    world.proofError = new RpcError(GrpcCode.NotFound, 'commitment-gone', { reason: 'proof-api/nothing-to-relay' });
    const [sent] = events;
    assert.ok(sent);
    assert.equal(await relayer.relayTransaction('1', sent.txId), 1);
    await world.until(async () => (await countOf(relayer, 'timed-out')) === 1);
    assert.equal(world.b.simulations, 0);
  });

  test('commitment gone without an event to be found: the chain itself is the end of it', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 2 });
    world.proofError = new RpcError(GrpcCode.NotFound, 'commitment-gone', { reason: 'proof-api/nothing-to-relay' });
    world.send(world.a, 1n);
    await world.until(async () => (await countOf(relayer, 'final')) === 1);
    world.a.chain.write({ kind: 'packet', clientId: 'client-a', sequence: 1n }, undefined);
    await world.until(async () => (await countOf(relayer, 'failed')) === 1);
    const [record] = (await relayer.queries.list({ states: ['failed'] }, 1)).packets;
    assert.match(record?.failure ?? '', /the source is through with it, and its event is not found/);
  });

  test('a way that one packet claims to be blocked stays open for others', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 2, patienceMs: 50 });
    // An application may revert with any name, also with that of a frozen client.
    const submit = world.b.handle.sender.submit.bind(world.b.handle.sender);
    const { form } = world.b;
    world.b.chain.onTransaction((transaction) => {
      const messages = form.decode(transaction.tx);
      if (messages.some(({ packet }) => packet === bad)) return { revert: 'FrozenClientState' };
      return execute(messages);
    });
    assert.ok(submit);
    const core = await import('@interchain-attestation/core');
    const done = new Set<string>();
    const execute = (messages: ReturnType<typeof form.decode>) => ({
      effects: {
        events: messages.map(({ packet }) => ({
          type: 'write-acknowledgement' as const,
          packet: core.decodePacket(new Uint8Array(Buffer.from(packet, 'base64'))),
          acknowledgements: [ICS20_SUCCESS_ACK],
        })),
        writes: messages.map(({ packet }) => {
          done.add(packet);
          const { destClient: clientId, sequence } = core.decodePacket(new Uint8Array(Buffer.from(packet, 'base64')));
          return [{ kind: 'receipt' as const, clientId, sequence }, Uint8Array.of(1)] as const;
        }),
      },
    });
    const bad = Buffer.from(core.encodePacket(world.send(world.a, 1n))).toString('base64');
    for (let sequence = 2n; sequence <= 5n; sequence++) world.send(world.a, sequence);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 4);
    assert.equal(done.has(bad), false);
    assert.equal(await countOf(relayer, 'failed'), 0);
  });

  test('a transaction whose bytes were put into a block again, where they failed: its packets are found in their block', async (t) => {
    const world = createFakeWorld({ third: true });
    t.after(world.close);
    const link = world.links.find(({ id }) => id === 'a-c');
    assert.ok(link);
    const packet = world.send(world.c, 1n, { link });
    const { events } = world.c.chain;
    const { transactionEvents } = events;
    let asked = 0;
    events.transactionEvents = async (id, options) => {
      const { height } = await world.c.chain.reader.latestBlock();
      for await (const piece of events.events(0n, height)) {
        const sent = piece.events.find((event) => event.type === 'send' && event.packet.sequence === packet.sequence);
        if (id === sent?.blockHash) return transactionEvents(sent.txId, options);
        if (id !== sent?.txId) continue;
        asked++;
        throw new RpcError(GrpcCode.InvalidArgument, 'failed in a later block', { reason: 'proof-api/tx-failed' });
      }
      return transactionEvents(id, options);
    };
    const relayer = await world.start();
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.ok(asked > 0);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChainError } from '@interchain-attestation/chains';
import { GrpcCode, RpcError } from '@interchain-attestation/service';
import { countOf, createFakeWorld } from './support/fake-world.ts';
import { createJumpClock } from './support/jump-clock.ts';

const outages = (world: ReturnType<typeof createFakeWorld>, type: 'outage' | 'recovered'): string[] =>
  world.events.flatMap((event) => (event.type === type ? [(event as { target: string }).target] : []));

describe('trouble', () => {
  test('peers.md #16: batches keep to what the chain takes, and learn when it takes less than expected', async (t) => {
    const world = createFakeWorld({ limits: { maxTxBytes: 131_072, maxTxGas: 2_400_000n } });
    t.after(world.close);
    const relayer = await world.start();
    for (let i = 1n; i <= 60n; i++) world.send(world.a, i);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 60);
    assert.ok(world.b.transactions.every(({ messages }) => messages <= 14));
    for (let i = 61n; i <= 120n; i++) world.send(world.a, i, { valueBytes: 12_000 });
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 120);
    assert.ok(world.b.transactions.every(({ bytes }) => bytes <= 131_072));
    assert.ok([...world.b.received.values()].every((count) => count === 1));
  });

  test('one bad packet does not hold the others: it alone ends as a dead letter, and a retry brings it on', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 3 });
    world.b.poison.add(17n);
    for (let i = 1n; i <= 40n; i++) world.send(world.a, i);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 39);
    await world.until(async () => (await countOf(relayer, 'failed')) === 1);
    const { packets } = await relayer.queries.list({ states: ['failed'] }, 10);
    assert.deepEqual(
      packets.map(({ sequence, failure, attempts }) => [sequence, failure, attempts]),
      [[17n, 'AppRefused', 3]],
    );
    world.b.poison.clear();
    assert.equal(await relayer.retry('1', 'client-a', [16n]), 0);
    assert.equal(await relayer.retry('1', 'client-a', []), 1);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 40);
  });

  test('a dead letter is still timed out, so that its sender is refunded', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 1 });
    const { timestampSec } = await world.b.chain.reader.latestBlock();
    world.b.poison.add(1n);
    world.send(world.a, 1n, { timeoutSec: timestampSec + 40n });
    await world.until(async () => (await countOf(relayer, 'failed')) === 1);
    await world.until(async () => (await countOf(relayer, 'timed-out')) === 1);
  });

  test('a frozen client blocks the way without making dead letters or many attempts', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 2, retryInitialMs: 20 });
    world.b.revertAll = 'FrozenClientState';
    for (let i = 1n; i <= 50n; i++) world.send(world.a, i);
    await world.until(() => world.b.simulations >= 4);
    assert.equal(await countOf(relayer, 'failed'), 0);
    assert.deepEqual(outages(world, 'outage'), ['way to client client-b on chain 2']);
    world.b.revertAll = undefined;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 50);
    assert.deepEqual(outages(world, 'recovered'), ['way to client client-b on chain 2']);
  });

  test('peers.md #16: an outage of the proof API is one line at its begin and one at its end', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    world.proofError = new RpcError(GrpcCode.Unavailable, 'no quorum');
    world.send(world.a, 1n);
    await world.until(() => world.proofRequests >= 5);
    assert.equal(await countOf(relayer, 'failed'), 0);
    world.proofError = undefined;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.deepEqual(outages(world, 'outage'), ['proof API from 1 to 2']);
    assert.deepEqual(outages(world, 'recovered'), ['proof API from 1 to 2']);
  });

  test('an RPC outage is told once, and relaying goes on after it without a loss', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    world.send(world.a, 1n);
    world.a.chain.mine();
    world.a.chain.setOutage(new ChainError('chain/unavailable', 'down', { retryable: true }));
    world.b.chain.setOutage(new ChainError('chain/unavailable', 'down', { retryable: true }));
    let turns = 0;
    await world.until(() => ++turns > 30);
    assert.equal(
      relayer.progress().every(({ reachable }) => !reachable),
      true,
    );
    world.a.chain.setOutage(undefined);
    world.b.chain.setOutage(undefined);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.equal(outages(world, 'outage').filter((target) => target === 'chain 1').length, 1);
    assert.equal(outages(world, 'recovered').filter((target) => target === 'chain 1').length, 1);
  });

  test('"not final yet" is asked again at once, and never counts against a packet', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 1 });
    world.proofError = new RpcError(GrpcCode.FailedPrecondition, 'not final yet');
    world.send(world.a, 1n);
    await world.until(() => world.proofRequests >= 3);
    world.proofError = undefined;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    assert.equal(outages(world, 'outage').length, 0);
  });

  test('a destination that received what its source never sent halts the route, for good and loudly', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    const sent = world.send(world.a, 1n);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    const packet = { ...sent, sequence: 99n };
    world.b.chain.receivePacket(packet, [Uint8Array.of(1)]);
    await world.until(() => relayer.halts().length === 1, 'the halt');
    assert.equal(relayer.halts()[0]?.code, 'received-without-send');
    assert.ok(world.events.some((event) => event.type === 'route-halted' && event.reason.includes('1/client-a/99')));
    const before = world.proofRequests;
    world.send(world.a, 3n);
    let turns = 0;
    await world.until(() => ++turns > 20);
    assert.equal(world.proofRequests, before);
    await assert.rejects(relayer.resumeRoute('other'), { code: 'relayer/unknown-route' });
  });

  test('a receive whose packet differs from the one sent halts the route', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    world.proofError = new RpcError(GrpcCode.Unavailable, 'held');
    const packet = world.send(world.a, 1n);
    await world.until(async () => (await countOf(relayer, 'final')) === 1);
    world.b.chain.receivePacket({ ...packet, timeoutTimestampSec: packet.timeoutTimestampSec + 1n }, [
      Uint8Array.of(1),
    ]);
    await world.until(() => relayer.halts().length === 1);
    assert.match(relayer.halts()[0]?.reason ?? '', /other-packet/);
  });

  test('a transaction to anything but the router is never signed', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    const { router } = world;
    world.router = `0x${'66'.repeat(20)}`;
    world.send(world.a, 1n);
    await world.until(() => world.proofRequests >= 3);
    assert.equal(world.b.simulations, 0);
    assert.deepEqual(outages(world, 'outage'), ['way to client client-b on chain 2']);
    world.router = router;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
  });

  test('packets that wait for attestors hold up others for a while only, and are never given up', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 1, patienceMs: 30 });
    world.unprovable.add(2n);
    for (let i = 1n; i <= 4n; i++) world.send(world.a, i);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 3);
    assert.equal(await countOf(relayer, 'failed'), 0);
    world.unprovable.clear();
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 4);
  });

  test('packets wait for company when the configuration says so, and no longer', async (t) => {
    // An hour, which the test lets pass when it likes: how fast the machine is makes no difference.
    const maxWaitMs = 3_600_000;
    const clock = createJumpClock();
    const world = createFakeWorld({ clock });
    t.after(world.close);
    const relayer = await world.start({ batch: { receive: { maxPackets: 3, maxWaitMs } } });
    for (const sequence of [1n, 2n, 3n]) {
      world.send(world.a, sequence);
      await world.until(async () => (await countOf(relayer, 'final')) === Number(sequence) || sequence === 3n);
    }
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 3);
    const receives = (): number[] =>
      world.b.transactions.filter(({ kind }) => kind === 'receive').map(({ messages }) => messages);
    assert.deepEqual(receives(), [3]);
    world.send(world.a, 4n);
    await world.until(async () => (await countOf(relayer, 'final')) === 1);
    let turns = 0;
    await world.until(() => ++turns > 10);
    assert.deepEqual(receives(), [3]);
    clock.jump(maxWaitMs);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 4);
    assert.deepEqual(receives(), [3, 1]);
  });

  test('a malformed event halts the route', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    const packet = world.send(world.a, 1n);
    world.a.chain.sendPacket({ ...packet, sequence: 2n, destClient: 'client-x' });
    await world.until(() => relayer.halts().length === 1);
    assert.equal(relayer.halts()[0]?.code, 'malformed-event');
  });

  test('a reorganisation of final blocks halts the routes of the chain; a resume reads again', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start();
    const packet = world.send(world.a, 1n);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1);
    world.a.chain.reorg(12);
    await world.until(() => relayer.halts().length === 1);
    assert.equal(relayer.halts()[0]?.code, 'reorg-past-finality');
    await relayer.resumeRoute('route');
    world.a.chain.sendPacket(packet);
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 1 && relayer.halts().length === 0);
  });

  test('peers.md #16: a chain that makes no blocks while packets wait is reported once', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ stallAfterMs: 1_000 });
    const { startMonitor } = await import('../src/relay/monitor.ts');
    const { parseRelayerConfig } = await import('../src/config.ts');
    world.proofError = new RpcError(GrpcCode.Unavailable, 'held');
    world.send(world.a, 1n);
    await world.until(async () => (await countOf(relayer, 'final')) === 1);
    let now = Date.now();
    const stalls: string[] = [];
    let wake: () => void = () => {};
    const clock = {
      now: () => now,
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          wake = resolve;
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    };
    const config = parseRelayerConfig({
      storePath: ':memory:',
      chains: [{ chainId: '1' }, { chainId: '2' }],
      routes: [
        {
          ends: [
            { chainId: '1', clientId: 'a' },
            { chainId: '2', clientId: 'b' },
          ],
        },
      ],
    });
    const monitor = startMonitor(relayer, config, clock, (event) => {
      if (event.type === 'chain-stalled') stalls.push(event.chainId);
    });
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setImmediate(() => setTimeout(resolve, 5)));
      now += 61_000;
      wake();
    }
    await monitor.close();
    assert.deepEqual(stalls.sort(), ['1', '2']);
  });
});

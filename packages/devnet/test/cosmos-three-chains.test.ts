import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { utf8ToBytes } from '@interchain-attestation/core';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import { MsgSendPacket } from 'cosmjs-types/ibc/core/channel/v2/tx';
import {
  balanceOf,
  cosmosVoucher,
  type Devnet,
  type DevnetChain,
  type DevnetCosmosChain,
  type PacketTracker,
  startDevnet,
  type TrackedPacket,
  trackPackets,
  untilChainsPass,
  updateWithState,
} from '../src/index.ts';
import { alfaOnGaia, clientOn, cosmosOf, fromCosmos, readCosmosClient, toGaia } from './support/cosmos.ts';
import { ended, sendMany } from './support/transfers.ts';

/** An app of ibc-go's test application: it acknowledges what has these data when it is told to. */
const APP = { sourcePort: 'mockv2A', destinationPort: 'mockv2A', version: 'v1', encoding: 'raw' };
const ASYNC = 'mock async packet data';

const skip = skipWithout(await goProgram('ibc-go-chain'));

describe('two EVM chains and two ibc-go chains, three connections', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  let alpha: DevnetChain;
  let gaia: DevnetCosmosChain;
  let osmo: DevnetCosmosChain;
  before(async () => {
    if (skip !== false) return;
    net = await startDevnet({ cosmos: ['gaia', 'osmo'], attestorsPerChain: 3, attestorProcesses: 'chain' });
    tracker = trackPackets(net);
    alpha = net.chains.alpha;
    gaia = cosmosOf(net, 'gaia');
    osmo = cosmosOf(net, 'osmo');
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });

  const bobHolds = (chain: DevnetCosmosChain, denom: string): Promise<bigint> =>
    chain.balanceOf(chain.addressOf(net.users.bob), denom);
  const aliceHolds = (): Promise<bigint> => gaia.balanceOf(gaia.addressOf(net.users.alice), gaia.denom);

  test('the same sequences over every client, all directions at once', { skip }, async () => {
    const sent = [
      // One account on alpha: it sends one after the other.
      (async () => [...(await sendMany(net, tracker, 3)), ...(await toGaia(net, tracker, 3))])(),
      sendMany(net, tracker, 3, { from: 'beta' }),
      (async () => [
        ...(await fromCosmos(net, tracker, ['gaia', 'alpha'], { count: 3 })),
        ...(await fromCosmos(net, tracker, ['gaia', 'osmo'], { count: 3 })),
      ])(),
      fromCosmos(net, tracker, ['osmo', 'gaia'], { count: 3 }),
    ];
    const done = await ended(net, tracker, (await Promise.all(sent)).flat());
    const byClient = Map.groupBy(done, ({ source, sourceClient }) => `${source}/${sourceClient}`);
    assert.equal(byClient.size, 6);
    for (const packets of byClient.values()) {
      assert.deepEqual(packets.map(({ sequence }) => sequence).sort(), [1n, 2n, 3n]);
    }
    const held = await Promise.all([
      bobHolds(gaia, alfaOnGaia(net).denom),
      bobHolds(gaia, cosmosVoucher(clientOn(net, 'gaia', 'osmo'), osmo.denom)),
      bobHolds(osmo, cosmosVoucher(clientOn(net, 'osmo', 'gaia'), gaia.denom)),
    ]);
    assert.deepEqual(held, [3n, 3n, 3n]);
  });

  test('a token of alpha goes over gaia to osmo, and the same way home', { skip }, async () => {
    const { alice, bob } = net.users;
    const before = await balanceOf(alpha, alpha.token, alice.address);
    await ended(net, tracker, await toGaia(net, tracker, 1, { amount: 900n, receiver: gaia.addressOf(alice) }));
    const { path } = alfaOnGaia(net);
    const via = clientOn(net, 'osmo', 'gaia');
    await ended(net, tracker, await fromCosmos(net, tracker, ['gaia', 'osmo'], { denom: path, amount: 900n }));
    assert.equal(await bobHolds(osmo, cosmosVoucher(via, path)), 900n);
    const back = { sender: bob, denom: `transfer/${via}/${path}`, amount: 900n };
    await ended(net, tracker, await fromCosmos(net, tracker, ['osmo', 'gaia'], back));
    const home = { sender: bob, denom: path, amount: 900n, receiver: alice.address };
    await ended(net, tracker, await fromCosmos(net, tracker, ['gaia', 'alpha'], home));
    assert.equal(await balanceOf(alpha, alpha.token, alice.address), before);
    assert.equal(await bobHolds(osmo, cosmosVoucher(via, path)), 0n);
  });

  test('between Cosmos chains protobuf and JSON arrive, and a wrong receiver is refused and refunded', {
    skip,
  }, async () => {
    const before = await aliceHolds();
    const good = await Promise.all([
      fromCosmos(net, tracker, ['gaia', 'osmo'], { encoding: 'application/x-protobuf', amount: 10n }),
      fromCosmos(net, tracker, ['osmo', 'gaia'], { encoding: 'application/json', amount: 10n }),
    ]);
    await ended(net, tracker, good.flat());
    const wrong = await fromCosmos(net, tracker, ['gaia', 'osmo'], { receiver: 'cosmos1nobody', amount: 20n });
    await ended(net, tracker, wrong, 'refused');
    assert.equal(await aliceHolds(), before - 10n);
  });

  test('acknowledgements that are written in a later transaction travel home, timeouts that passed meanwhile or not', {
    skip,
  }, async () => {
    const { alice } = net.users;
    const [sourceClient, destClient] = [clientOn(net, 'osmo', 'gaia'), clientOn(net, 'gaia', 'osmo')];
    const send = async (data: string, timeoutSec: bigint): Promise<TrackedPacket> => {
      const { timestampSec } = await osmo.chain.reader.latestBlock();
      const message = {
        ...{ sourceClient, timeoutTimestamp: timestampSec + timeoutSec, signer: osmo.addressOf(alice) },
        payloads: [{ ...APP, value: utf8ToBytes(data) }],
      };
      const value = MsgSendPacket.encode(message).finish();
      const { txId } = await osmo.send(alice, [{ typeUrl: MsgSendPacket.typeUrl, value }]);
      const [packet] = await tracker.sentBy([txId]);
      assert.ok(packet);
      return packet;
    };
    const isReceived = async ({ sequence }: TrackedPacket): Promise<boolean> => {
      const block = await gaia.chain.reader.latestBlock();
      const path = { kind: 'receipt', clientId: destClient, sequence } as const;
      return (await gaia.chain.reader.commitments(block, [path]))[0] !== undefined;
    };
    const waiting = [await send(ASYNC, 20n), await send(ASYNC, 3_600n)];
    const due = Date.now() + 30_000;
    for (const packet of waiting) {
      while (!(await isReceived(packet))) {
        assert.ok(Date.now() < due, `osmo #${packet.sequence} was not received`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
    await untilChainsPass(net, 21);
    assert.ok(waiting.map(tracker.current).every(({ receive, outcome }) => receive === undefined && !outcome));

    const release = await send('acknowledge what waits', 3_600n);
    const done = await tracker.until([...waiting, release], ({ acknowledge }) => acknowledge !== undefined);
    assert.equal(new Set(done.map(({ receive }) => receive?.txHash)).size, 1, 'one transaction wrote them all');
    assert.ok(done.every(({ timeout }) => timeout === undefined));
  });

  test('a contradiction freezes the client on gaia: nothing enters, what was sent is refunded, the rest goes on', {
    skip,
  }, async () => {
    const { alice, bob } = net.users;
    const clientId = clientOn(net, 'gaia', 'alpha');
    const keys = net.attestors.filter(({ chain }) => chain === 'alpha').map(({ key }) => key);
    const { latestHeight: height, timestampSec } = await readCosmosClient(gaia, clientId);
    const lie = (count: number): Promise<unknown> =>
      updateWithState(gaia, bob, clientId, { keys: keys.slice(0, count), height, timestampSec: timestampSec + 1n });
    await assert.rejects(lie(1), /attestations/);
    assert.equal((await readCosmosClient(gaia, clientId)).isFrozen, false);
    await lie(2);
    assert.equal((await readCosmosClient(gaia, clientId)).isFrozen, true);

    const before = await balanceOf(alpha, alpha.token, alice.address);
    const stopped = await toGaia(net, tracker, 1, { amount: 40n, timeoutSec: 10 });
    const others = await Promise.all([
      sendMany(net, tracker, 1),
      fromCosmos(net, tracker, ['gaia', 'osmo']),
      fromCosmos(net, tracker, ['osmo', 'gaia']),
    ]);
    await ended(net, tracker, others.flat());
    const [done] = await ended(net, tracker, stopped, 'timed-out');
    assert.equal(done?.receive, undefined);
    assert.equal(await balanceOf(alpha, alpha.token, alice.address), before - 1n);
    assert.deepEqual([net.relayer?.process.state, net.proofApi?.process.state], ['running', 'running']);
  });

  test('two contradictory statements about a block that does not exist yet freeze the client on osmo', {
    skip,
  }, async () => {
    const clientId = clientOn(net, 'osmo', 'gaia');
    const keys = net.attestors.filter(({ chain }) => chain === 'gaia').map(({ key }) => key);
    const height = (await readCosmosClient(osmo, clientId)).latestHeight + 1_000_000n;
    const timestampSec = BigInt(Math.floor(Date.now() / 1000));
    const state = (seconds: bigint): Promise<unknown> =>
      updateWithState(osmo, net.users.bob, clientId, { keys: keys.slice(0, 2), height, timestampSec: seconds });
    await state(timestampSec);
    assert.deepEqual(await readCosmosClient(osmo, clientId), { latestHeight: height, timestampSec, isFrozen: false });
    await state(timestampSec + 1n);
    assert.equal((await readCosmosClient(osmo, clientId)).isFrozen, true);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ics20TransferAbi } from '@interchain-attestation/contracts';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import {
  balanceOf,
  type CosmosTransferOptions,
  type Devnet,
  type DevnetChain,
  type DevnetCosmosChain,
  type PacketTracker,
  startDevnet,
  type TrackedPacket,
  type TransferOptions,
  trackPackets,
  voucherOf,
} from '../src/index.ts';
import { alfaOnGaia, clientOn, cosmosOf, fromCosmos, toGaia, untilLater } from './support/cosmos.ts';
import { ended } from './support/transfers.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));

describe('tokens between an EVM chain and a real ibc-go chain', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  let alpha: DevnetChain;
  let gaia: DevnetCosmosChain;
  before(async () => {
    if (skip !== false) return;
    net = await startDevnet({ cosmos: ['gaia'], attestorsPerChain: 3, attestorProcesses: 'chain' });
    tracker = trackPackets(net);
    alpha = net.chains.alpha;
    gaia = cosmosOf(net, 'gaia');
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });

  const there = (count: number, options: Partial<TransferOptions> = {}): Promise<readonly TrackedPacket[]> =>
    toGaia(net, tracker, count, options);
  const back = (options: Partial<CosmosTransferOptions> = {}): Promise<readonly TrackedPacket[]> =>
    fromCosmos(net, tracker, ['gaia', 'alpha'], options);
  const stakeOnAlpha = async (): Promise<bigint> => {
    const token = await voucherOf(alpha, gaia.denom, clientOn(net, 'alpha', 'gaia'));
    return token === undefined ? 0n : balanceOf(alpha, token, net.users.bob.address);
  };
  const escrowed = async (): Promise<bigint> => {
    const args = [clientOn(net, 'alpha', 'gaia')] as const;
    const at = { address: alpha.transfer, abi: ics20TransferAbi, functionName: 'getEscrow', args } as const;
    return balanceOf(alpha, alpha.token, await alpha.client.readContract(at));
  };
  /** What Alice holds of both tokens at home. To the unit: ibc-go's test application deducts no fees. */
  const ofAlice = (): Promise<readonly bigint[]> => {
    const { alice } = net.users;
    return Promise.all([
      balanceOf(alpha, alpha.token, alice.address),
      gaia.balanceOf(gaia.addressOf(alice), gaia.denom),
    ]);
  };
  /** What Bob holds of each token on the other chain. */
  const ofBob = (): Promise<readonly bigint[]> =>
    Promise.all([gaia.balanceOf(gaia.addressOf(net.users.bob), alfaOnGaia(net).denom), stakeOnAlpha()]);
  const changed = (from: readonly bigint[], by: readonly [bigint, bigint]): readonly bigint[] =>
    from.map((value, index) => value + (by[index] ?? 0n));

  test('a token of alpha goes to gaia and home: the escrow equals the vouchers at every rest', { skip }, async () => {
    const { alice, bob } = net.users;
    const before = await ofAlice();
    await ended(net, tracker, await there(1, { amount: 1_000n }));
    assert.deepEqual([await ofBob(), await escrowed()], [[1_000n, 0n], 1_000n]);
    const home = { sender: bob, denom: alfaOnGaia(net).path, amount: 400n, receiver: alice.address };
    await ended(net, tracker, await back(home));
    assert.deepEqual([await ofBob(), await escrowed()], [[600n, 0n], 600n]);
    assert.deepEqual(await ofAlice(), changed(before, [-600n, 0n]));
  });

  test('a coin of gaia goes to alpha and home', { skip }, async () => {
    const { alice, bob } = net.users;
    const before = await ofAlice();
    await ended(net, tracker, await back({ amount: 5_000n }));
    assert.equal(await stakeOnAlpha(), 5_000n);
    assert.deepEqual(await ofAlice(), changed(before, [0n, -5_000n]));
    const token = await voucherOf(alpha, gaia.denom, clientOn(net, 'alpha', 'gaia'));
    assert.ok(token);
    const home = { sender: bob, token, amount: 2_000n, receiver: gaia.addressOf(alice) };
    await ended(net, tracker, await there(1, home));
    assert.equal(await stakeOnAlpha(), 3_000n);
    assert.deepEqual(await ofAlice(), changed(before, [0n, -3_000n]));
  });

  test('error acknowledgements come back and refund the sender, both ways', { skip }, async () => {
    const before = [await ofAlice(), await ofBob()];
    const sent = await Promise.all([
      there(1, { amount: 77n, receiver: 'cosmos1nobody' }),
      back({ amount: 88n, receiver: 'nobody' }),
    ]);
    const done = await ended(net, tracker, sent.flat(), 'refused');
    assert.ok(
      done.every(({ receive }) => receive !== undefined),
      'both were received, and refused by the app',
    );
    assert.deepEqual([await ofAlice(), await ofBob()], before);
  });

  test('an encoding that the app on alpha does not read is refused and refunded', { skip }, async () => {
    const before = await ofAlice();
    await ended(net, tracker, await back({ encoding: 'application/json', amount: 30n }), 'refused');
    assert.deepEqual(await ofAlice(), before);
  });

  test('packets that nobody brings in time are timed out and refunded, both ways', { skip }, async () => {
    const before = [await ofAlice(), await ofBob()];
    // The relayer stands still until the time is over: it cannot be quick enough by chance.
    net.relayer?.process.stop();
    const sent = await Promise.all([there(1, { amount: 55n, timeoutSec: 4 }), back({ amount: 66n, timeoutSec: 4 })]);
    await untilLater(net, 5);
    net.relayer?.process.cont();
    const done = await ended(net, tracker, sent.flat(), 'timed-out');
    assert.ok(done.every(({ receive }) => receive === undefined));
    assert.deepEqual([await ofAlice(), await ofBob()], before);
  });

  test('peers.md #16: fifty at once each way arrive in few transactions', { skip }, async () => {
    const before = await ofBob();
    const sent = await Promise.all([there(50), back({ count: 50 })]);
    const done = await ended(net, tracker, sent.flat(), 'delivered', 90_000);
    assert.deepEqual(await ofBob(), changed(before, [50n, 50n]));
    for (const source of ['alpha', 'gaia']) {
      const packets = done.filter((packet) => packet.source === source);
      const receives = new Set(packets.map(({ receive }) => receive?.txHash));
      assert.equal(packets.length, 50);
      assert.ok(receives.size <= 6, `${receives.size} transactions for the packets of ${source}`);
    }
  });
});

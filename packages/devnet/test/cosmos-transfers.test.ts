import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ics20TransferAbi } from '@interchain-attestation/contracts';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import {
  balanceOf,
  cosmosVoucher,
  type Devnet,
  type DevnetChain,
  type DevnetCosmosChain,
  type PacketTracker,
  startDevnet,
  trackPackets,
  voucherOf,
} from '../src/index.ts';
import { clientOn, cosmosOf, sendFromGaia, untilTime } from './support/cosmos.ts';
import { ended, sendMany } from './support/transfers.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));

describe('tokens between an EVM chain and a real ibc-go chain', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  let alpha: DevnetChain;
  let gaia: DevnetCosmosChain;
  /** Id of the client on alpha that tracks gaia. */
  let toGaia: string;
  /** Bob's account and the denom of alpha's token, on gaia. */
  let bob: string;
  let voucher: string;
  before(async () => {
    if (skip !== false) return;
    net = await startDevnet({ attestorProcesses: 'chain', attestorsPerChain: 3, cosmos: ['gaia'] });
    tracker = trackPackets(net);
    alpha = net.chains.alpha;
    gaia = cosmosOf(net, 'gaia');
    toGaia = clientOn(net, 'alpha', 'gaia');
    bob = gaia.addressOf(net.users.bob);
    voucher = cosmosVoucher(clientOn(net, 'gaia', 'alpha'), alpha.token.toLowerCase());
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });

  const fromAlpha = (count: number, options: Partial<Parameters<typeof sendMany>[3]> = {}) =>
    sendMany(net, tracker, count, { sourceClient: toGaia, receiver: bob, ...options });
  const fromGaia = (options: Partial<Parameters<typeof sendFromGaia>[2]> = {}) =>
    sendFromGaia(net, tracker, { chain: gaia, ...options });
  const heldOnGaia = (): Promise<bigint> => gaia.balanceOf(bob, voucher);
  const stakeOnAlpha = async (): Promise<bigint> => {
    const token = await voucherOf(alpha, gaia.denom, toGaia);
    return token === undefined ? 0n : balanceOf(alpha, token, net.users.bob.address);
  };
  const ofAlice = (): Promise<bigint> => balanceOf(alpha, alpha.token, net.users.alice.address);
  const stakeOfAlice = (): Promise<bigint> => gaia.balanceOf(gaia.addressOf(net.users.alice), gaia.denom);
  const escrowed = async (): Promise<bigint> => {
    const at = { address: alpha.transfer, abi: ics20TransferAbi, functionName: 'getEscrow', args: [toGaia] } as const;
    return balanceOf(alpha, alpha.token, await alpha.client.readContract(at));
  };

  test('a token of alpha goes to gaia and home: the escrow equals the vouchers at every rest', { skip }, async () => {
    const before = await ofAlice();
    await ended(net, tracker, await fromAlpha(1, { amount: 1_000n }));
    assert.equal(await heldOnGaia(), 1_000n);
    assert.equal(await escrowed(), 1_000n);
    const path = `transfer/${clientOn(net, 'gaia', 'alpha')}/${alpha.token.toLowerCase()}`;
    const { alice, bob: sender } = net.users;
    const home = await fromGaia({ sender, denom: path, amount: 400n, receiver: alice.address });
    await ended(net, tracker, home.packets);
    assert.equal(await heldOnGaia(), 600n);
    assert.equal(await escrowed(), 600n);
    assert.equal(await ofAlice(), before - 600n);
  });

  test('a coin of gaia goes to alpha and home', { skip }, async () => {
    const before = await stakeOfAlice();
    const { receipt, packets } = await fromGaia({ amount: 5_000n });
    await ended(net, tracker, packets);
    assert.equal(await stakeOnAlpha(), 5_000n);
    assert.equal(await stakeOfAlice(), before - 5_000n - receipt.feePaid);
    const token = await voucherOf(alpha, gaia.denom, toGaia);
    assert.ok(token);
    const receiver = gaia.addressOf(net.users.alice);
    await ended(net, tracker, await fromAlpha(1, { sender: net.users.bob, token, amount: 2_000n, receiver }));
    assert.equal(await stakeOnAlpha(), 3_000n);
    assert.equal(await stakeOfAlice(), before - 3_000n - receipt.feePaid);
  });

  test('an error acknowledgement comes back and refunds the sender, both ways', { skip }, async () => {
    const [ofAliceBefore, stakeBefore] = [await ofAlice(), await stakeOfAlice()];
    const [there, back] = await Promise.all([
      fromAlpha(1, { amount: 77n, receiver: 'cosmos1nobody' }),
      fromGaia({ amount: 88n, receiver: 'nobody' }),
    ]);
    const done = await ended(net, tracker, [...there, ...back.packets], 'refused');
    assert.ok(
      done.every(({ receive }) => receive !== undefined),
      'both were received, and refused by the app',
    );
    assert.equal(await ofAlice(), ofAliceBefore);
    assert.equal(await stakeOfAlice(), stakeBefore - back.receipt.feePaid);
  });

  test('packets that nobody brings in time are timed out and refunded, both ways', { skip }, async () => {
    const [ofAliceBefore, stakeBefore] = [await ofAlice(), await stakeOfAlice()];
    const heldBefore = [await heldOnGaia(), await stakeOnAlpha()];
    // The relayer stands still until the time is over: it cannot be quick enough by chance.
    net.relayer?.process.stop();
    const [there, back] = await Promise.all([
      fromAlpha(1, { amount: 55n, timeoutSec: 5 }),
      fromGaia({ amount: 66n, timeoutSec: 5 }),
    ]);
    const over = BigInt(Math.ceil(Date.now() / 1000) + 6);
    await Promise.all([untilTime(net, 'alpha', over), untilTime(net, 'gaia', over)]);
    net.relayer?.process.cont();
    const done = await ended(net, tracker, [...there, ...back.packets], 'timed-out');
    assert.ok(done.every(({ receive }) => receive === undefined));
    assert.equal(await ofAlice(), ofAliceBefore);
    assert.equal(await stakeOfAlice(), stakeBefore - back.receipt.feePaid);
    assert.deepEqual([await heldOnGaia(), await stakeOnAlpha()], heldBefore);
  });

  test('peers.md #16: fifty at once each way arrive in few transactions', { skip }, async () => {
    const before = [await heldOnGaia(), await stakeOnAlpha()];
    const [there, back] = await Promise.all([fromAlpha(50), fromGaia({ count: 50 })]);
    const done = await ended(net, tracker, [...there, ...back.packets], 'delivered', 90_000);
    assert.equal(done.length, 100);
    assert.deepEqual([await heldOnGaia(), await stakeOnAlpha()], [(before[0] ?? 0n) + 50n, (before[1] ?? 0n) + 50n]);
    for (const source of ['alpha', 'gaia']) {
      const receives = new Set(done.filter((each) => each.source === source).map(({ receive }) => receive?.txHash));
      assert.ok(receives.size <= 6, `${receives.size} transactions for the packets of ${source}`);
    }
  });
});

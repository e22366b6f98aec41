import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ics20TransferAbi } from '@interchain-attestation/contracts';
import {
  balanceOf,
  type Devnet,
  type PacketTracker,
  startDevnet,
  trackPackets,
  untilChainsPass,
  voucherOf,
} from '../src/index.ts';
import { ended, sendMany, vouchersOfBob, whileRelayerSleeps } from './support/transfers.ts';

describe('tokens between two chains', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  before(async () => {
    net = await startDevnet({ attestorProcesses: 'chain' });
    tracker = trackPackets(net);
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });
  const escrowed = async (): Promise<bigint> => {
    const { alpha } = net.chains;
    const escrow = await alpha.client.readContract({
      address: alpha.transfer,
      abi: ics20TransferAbi,
      functionName: 'getEscrow',
      args: [alpha.clientId],
    });
    return balanceOf(alpha, alpha.token, escrow);
  };

  test('there and back home: the escrow equals the vouchers at every rest', async () => {
    const { alpha, beta } = net.chains;
    const { alice, bob } = net.users;
    await ended(net, tracker, await sendMany(net, tracker, 1, { amount: 1_000n }));
    assert.equal(await vouchersOfBob(net, 'alpha'), 1_000n);
    assert.equal(await escrowed(), 1_000n);
    const voucher = await voucherOf(beta, alpha.token);
    assert.ok(voucher);
    const before = await balanceOf(alpha, alpha.token, alice.address);
    const home = { from: 'beta', sender: bob, token: voucher, amount: 400n, receiver: alice.address } as const;
    await ended(net, tracker, await sendMany(net, tracker, 1, home));
    assert.equal(await vouchersOfBob(net, 'alpha'), 600n);
    assert.equal(await escrowed(), 600n);
    assert.equal((await balanceOf(alpha, alpha.token, alice.address)) - before, 400n);
  });

  test('both directions at once, although clients, routers and sequences have equal names on both chains', async () => {
    const before = { alpha: await vouchersOfBob(net, 'alpha'), beta: await vouchersOfBob(net, 'beta') };
    const [there, back] = await Promise.all([sendMany(net, tracker, 3), sendMany(net, tracker, 3, { from: 'beta' })]);
    await ended(net, tracker, [...there, ...back]);
    assert.equal((await vouchersOfBob(net, 'alpha')) - before.alpha, 3n);
    assert.equal((await vouchersOfBob(net, 'beta')) - before.beta, 3n);
  });

  test('an error acknowledgement comes back and refunds the sender', async () => {
    const { alpha } = net.chains;
    const before = await balanceOf(alpha, alpha.token, net.users.alice.address);
    const packets = await sendMany(net, tracker, 1, { amount: 77n, receiver: 'nobody' });
    const [packet] = await ended(net, tracker, packets, 'refused');
    assert.ok(packet?.receive, 'it was received, and refused by the app');
    assert.equal(await balanceOf(alpha, alpha.token, net.users.alice.address), before);
  });

  test('a packet that nobody brings in time is timed out and refunded', async () => {
    const { alpha } = net.chains;
    const before = await balanceOf(alpha, alpha.token, net.users.alice.address);
    const held = await vouchersOfBob(net, 'alpha');
    const sent = await whileRelayerSleeps(net, async () => {
      const packets = await sendMany(net, tracker, 1, { amount: 55n, timeoutSec: 8 });
      await untilChainsPass(net, 8);
      return packets;
    });
    const [done] = await ended(net, tracker, sent, 'timed-out');
    assert.equal(done?.receive, undefined);
    assert.equal(await balanceOf(alpha, alpha.token, net.users.alice.address), before);
    assert.equal(await vouchersOfBob(net, 'alpha'), held);
  });

  test('peers.md #16: fifty at once arrive in few transactions that every node takes', async () => {
    const before = await vouchersOfBob(net, 'alpha');
    const done = await ended(net, tracker, await whileRelayerSleeps(net, () => sendMany(net, tracker, 50)));
    assert.equal((await vouchersOfBob(net, 'alpha')) - before, 50n);
    const receives = [...new Set(done.map(({ receive }) => receive?.txHash))];
    assert.ok(receives.length <= 5, `${receives.length} transactions`);
    for (const hash of receives) {
      const { input } = await net.chains.beta.client.getTransaction({ hash: hash ?? '0x' });
      assert.ok(input.length / 2 < 131_072, `${input.length / 2} bytes`);
    }
  });
});

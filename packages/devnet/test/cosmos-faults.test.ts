import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import {
  balanceOf,
  type Devnet,
  type DevnetCosmosChain,
  type ManagedProcess,
  type PacketTracker,
  startDevnet,
  trackPackets,
  voucherOf,
} from '../src/index.ts';
import { alfaOnGaia, clientOn, cosmosOf, fromCosmos, toGaia } from './support/cosmos.ts';
import { ended } from './support/transfers.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));

describe('faults between an EVM chain and a real ibc-go chain', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  let gaia: DevnetCosmosChain;
  before(async () => {
    if (skip !== false) return;
    net = await startDevnet({ cosmos: ['gaia'], attestorsPerChain: 3 });
    tracker = trackPackets(net);
    gaia = cosmosOf(net, 'gaia');
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });

  const part = (process: ManagedProcess | undefined): ManagedProcess => {
    assert.ok(process);
    return process;
  };
  /** Vouchers of Bob on both chains. */
  const arrived = async (): Promise<readonly bigint[]> => {
    const { alpha } = net.chains;
    const token = await voucherOf(alpha, gaia.denom, clientOn(net, 'alpha', 'gaia'));
    return [
      await gaia.balanceOf(gaia.addressOf(net.users.bob), alfaOnGaia(net).denom),
      token === undefined ? 0n : await balanceOf(alpha, token, net.users.bob.address),
    ];
  };
  /** Two packets each way before the fault, two each way during it: each of them arrives, and arrives once. */
  const survive = async (fault: (send: () => Promise<void>) => Promise<void>): Promise<void> => {
    const before = await arrived();
    const send = async () =>
      (
        await Promise.all([
          toGaia(net, tracker, 2),
          fromCosmos(net, tracker, ['gaia', 'alpha'], { count: 2, timeoutSec: 3_600 }),
        ])
      ).flat();
    const packets = [...(await send())];
    let during = 0;
    await fault(async () => {
      during += 1;
      packets.push(...(await send()));
    });
    await ended(net, tracker, packets, 'delivered', 60_000);
    const expected = BigInt(2 + 2 * during);
    assert.deepEqual(
      await arrived(),
      before.map((held) => held + expected),
    );
  };

  test('SIGKILL of two of three attestors of each chain, started again', { skip }, async () => {
    const killed = ['alpha', 'gaia'].flatMap((name) =>
      net.attestors
        .filter(({ chain }) => chain === name)
        .slice(0, 2)
        .map(({ process }) => process),
    );
    await survive(async (send) => {
      await Promise.all(killed.map((process) => process.kill()));
      await send();
      await Promise.all(killed.map((process) => process.restart()));
    });
  });

  test('SIGKILL of the proof API, started again', { skip }, async () => {
    await survive(async (send) => {
      await part(net.proofApi?.process).kill();
      await send();
      await part(net.proofApi?.process).restart();
    });
  });

  // At these moments packets are sent, proven, submitted, received, acknowledged: a little later each time.
  for (const delayMs of [0, 900, 2_000]) {
    test(`peers.md #15: SIGKILL of the relayer ${delayMs} ms after a send, started again`, { skip }, async () => {
      await survive(async (send) => {
        await sleep(delayMs);
        await part(net.relayer?.process).kill();
        await send();
        await part(net.relayer?.process).restart();
      });
    });
  }

  test('SIGKILL of the node of gaia, started again from its disk', { skip }, async () => {
    await survive(async () => {
      await gaia.node.process.kill();
      await sleep(1_500);
      await gaia.node.process.restart();
    });
    // What was sent while the node is away arrives when it is back.
    const [before] = await arrived();
    await gaia.node.process.kill();
    const packets = await toGaia(net, tracker, 2);
    await gaia.node.process.restart();
    await ended(net, tracker, packets, 'delivered', 60_000);
    const [now] = await arrived();
    assert.equal(now, (before ?? 0n) + 2n);
  });

  test('the node of gaia answers nothing for a while', { skip }, async () => {
    await survive(async () => {
      gaia.node.process.stop();
      await sleep(4_000);
      gaia.node.process.cont();
    });
  });
});

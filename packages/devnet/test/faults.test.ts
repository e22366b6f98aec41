import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Devnet, type ManagedProcess, type PacketTracker, startDevnet, trackPackets } from '../src/index.ts';
import { ended, sendMany, vouchersOfBob } from './support/transfers.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a network whose parts fail', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  before(async () => {
    net = await startDevnet();
    tracker = trackPackets(net);
    await ended(net, tracker, await sendMany(net, tracker, 1));
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });
  const attestors = (count: number): readonly ManagedProcess[] =>
    net.attestors
      .filter(({ chain }) => chain === 'alpha')
      .slice(0, count)
      .map(({ process }) => process);
  const part = (process: ManagedProcess | undefined): ManagedProcess => {
    assert.ok(process);
    return process;
  };

  /** Sends packets, does something to the network while they are on their way, and expects each to arrive once. */
  const survive = async (disturb: (packetsOnTheirWay: () => Promise<void>) => Promise<void>): Promise<void> => {
    const held = await vouchersOfBob(net, 'alpha');
    const first = await sendMany(net, tracker, 2);
    let second: typeof first = [];
    await disturb(async () => {
      second = await sendMany(net, tracker, 2);
    });
    await ended(net, tracker, [...first, ...second]);
    assert.equal((await vouchersOfBob(net, 'alpha')) - held, 4n, 'each arrived exactly once');
  };

  test('peers.md #2: two of five attestors hang, and packets arrive through the other three', async () => {
    const hung = attestors(2);
    try {
      for (const process of hung) process.stop();
      await ended(net, tracker, await sendMany(net, tracker, 2));
    } finally {
      for (const process of hung) process.cont();
    }
  });

  test('with three of five hung nothing is received; once they answer again everything is', async () => {
    const hung = attestors(3);
    try {
      for (const process of hung) process.stop();
      const packets = await sendMany(net, tracker, 2);
      await sleep(5_000);
      assert.deepEqual(
        packets.map((packet) => tracker.current(packet).receive),
        [undefined, undefined],
      );
      for (const process of hung.toReversed()) process.cont();
      await ended(net, tracker, packets);
    } finally {
      for (const process of hung) process.cont();
    }
  });

  test('SIGKILL of three of five attestors, started again: no packet is lost, and their guards let them sign', async () => {
    const killed = attestors(3);
    await survive(async (send) => {
      await Promise.all(killed.map((process) => process.kill()));
      await send();
      await Promise.all(killed.map((process) => process.restart()));
    });
  });

  test('SIGKILL of the proof API, started again: no packet is lost', async () => {
    await survive(async (send) => {
      await part(net.proofApi?.process).kill();
      await send();
      await part(net.proofApi?.process).restart();
    });
  });

  // At these moments a packet is sent, proven, submitted, received, acknowledged: a little later each time.
  for (const delayMs of [0, 1_100, 2_600]) {
    test(`peers.md #15: SIGKILL of the relayer ${delayMs} ms after a send, packets sent while it is down, started again`, async () => {
      await survive(async (send) => {
        await sleep(delayMs);
        await part(net.relayer?.process).kill();
        await send();
        await part(net.relayer?.process).restart();
      });
    });
  }

  for (const name of ['alpha', 'beta'] as const) {
    test(`chain ${name} answers nothing for a while`, async () => {
      const { node } = net.chains[name];
      const held = await vouchersOfBob(net, 'alpha');
      const packets = await sendMany(net, tracker, 2);
      node.process.stop();
      await sleep(4_000);
      node.process.cont();
      await ended(net, tracker, packets);
      assert.equal((await vouchersOfBob(net, 'alpha')) - held, 2n);
    });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import { startDevnet, trackPackets } from '../src/index.ts';
import { ended, sendMany, vouchersOfBob, whileRelayerSleeps } from './support/transfers.ts';

const skip = skipWithout(await goProgram('geth'));
const COUNT = 200;

test('two hundred at once from anvil to geth and from geth to anvil, in transactions that geth takes', {
  skip,
}, async () => {
  const net = await startDevnet({
    ...{ betaNode: 'geth', finality: 'latest', attestorsPerChain: 3, attestorProcesses: 'chain', logLevel: 'warn' },
  });
  const tracker = trackPackets(net);
  try {
    for (const from of ['alpha', 'beta'] as const) {
      const packets = await whileRelayerSleeps(net, () => sendMany(net, tracker, COUNT, { from }));
      const done = await ended(net, tracker, packets, 'delivered', 120_000);
      assert.equal(done.length, COUNT);
      const receives = new Set(done.map(({ receive }) => receive?.txHash));
      assert.ok(receives.size <= 10, `${receives.size} transactions`);
      assert.equal(await vouchersOfBob(net, from), BigInt(COUNT));
    }
  } finally {
    tracker.close();
    await net.close();
  }
});

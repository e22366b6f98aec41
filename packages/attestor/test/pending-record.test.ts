import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Guard } from '@interchain-attestation/guard';
import { createHarness, encodePackets, testPacket } from './support/harness.ts';
import { ScriptedChain } from './support/scripted-chain.ts';

const GRPC_ABORTED = 10;

test('peers.md #7: a reorganisation while a statement waits for the disk keeps it from being signed, and stops', async () => {
  const chain = new ScriptedChain(20);
  let hold: Promise<void> | undefined;
  let entered = (): void => {};
  const recording = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const wrapGuard = (guard: Guard): Guard => ({
    key: guard.key,
    source: guard.source,
    record: async (statement) => {
      if (hold !== undefined) entered();
      await hold;
      return guard.record(statement);
    },
    reportConflict: (report) => guard.reportConflict(report),
    recordedBlocks: (from) => guard.recordedBlocks(from),
    status: () => guard.status(),
    evidence: (limit) => guard.evidence(limit),
    close: () => guard.close(),
  });
  const harness = await createHarness(chain, { wrapGuard });
  try {
    await harness.client.stateAttestation({ height: 5n });
    let release = (): void => {};
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const slow = harness.client.stateAttestation({ height: 15n });
    slow.catch(() => {});
    await recording;
    chain.reorg(14n);
    chain.mine(3, 'b');
    await harness.client.latestHeight({});
    release();
    hold = undefined;
    await assert.rejects(slow, (error: { reason?: string }) => error.reason === 'attestor/chain-inconsistent');
    await assert.rejects(
      harness.client.stateAttestation({ height: 17n }),
      (error: { code?: string; grpcCode?: number }) => error.grpcCode === GRPC_ABORTED,
    );
    assert.equal(harness.guard.status().state, 'stopped');
  } finally {
    await harness.close();
  }
});

test('a client id that no chain can hold never reaches the guard', async () => {
  const harness = await createHarness(new ScriptedChain(20));
  try {
    for (const destClient of ['a\0b', 'x'.repeat(129), 'é', 'with space']) {
      await assert.rejects(
        harness.client.packetAttestation({
          packets: encodePackets(testPacket(1n, { destClient })),
          height: 19n,
          commitmentType: 2,
        }),
        (error: { reason?: string }) => error.reason === 'attestor/malformed-packet',
      );
    }
    assert.equal(harness.events.filter(({ type }) => type === 'guard-failed').length, 0);
  } finally {
    await harness.close();
  }
});

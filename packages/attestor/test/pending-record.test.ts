import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Guard } from '@interchain-attestation/guard';
import { createHarness, encodePackets, testPacket } from './support/harness.ts';
import { ScriptedChain } from './support/scripted-chain.ts';

const GRPC_ABORTED = 10;

/** Guards whose next records wait once `stop` was called, until they are let go. */
const createGate = () => {
  let hold: Promise<void> | undefined;
  let release = (): void => {};
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
  return {
    wrapGuard,
    /** Resolves when a statement waits. */
    recording,
    stop() {
      hold = new Promise((resolve) => {
        release = resolve;
      });
    },
    letGo() {
      hold = undefined;
      release();
    },
  };
};

test('peers.md #7: a reorganisation while a statement waits for the disk keeps it from being signed, and stops', async () => {
  const chain = new ScriptedChain(20);
  const gate = createGate();
  const harness = await createHarness(chain, { wrapGuard: gate.wrapGuard });
  try {
    await harness.client.stateAttestation({ height: 5n });
    gate.stop();
    const slow = harness.client.stateAttestation({ height: 15n });
    slow.catch(() => {});
    await gate.recording;
    chain.reorg(14n);
    chain.mine(3, 'b');
    await harness.client.latestHeight({});
    gate.letGo();
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

test('a final block replaced above a statement that waits for the disk does not keep it from being signed', async () => {
  const chain = new ScriptedChain(20);
  const gate = createGate();
  const harness = await createHarness(chain, { wrapGuard: gate.wrapGuard });
  try {
    await harness.client.stateAttestation({ height: 5n });
    gate.stop();
    // Several, of which each used to give up the view that the one before it had built.
    const slow = [12n, 13n, 14n].map((height) => harness.client.stateAttestation({ height }));
    await gate.recording;
    chain.reorg(18n);
    chain.mine(3, 'b');
    await harness.client.latestHeight({});
    gate.letGo();
    assert.equal((await Promise.all(slow)).length, 3);
    assert.equal(harness.guard.status().state, 'ready');
    assert.equal(harness.events.filter(({ type }) => type === 'final-reorg').length, 1);
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

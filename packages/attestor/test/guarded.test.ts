import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChainError } from '@interchain-attestation/chains';
import { ackCommitment, encodePacket, keccak256, packetCommitment } from '@interchain-attestation/core';
import { attestor } from '@interchain-attestation/proto';
import type { RpcError } from '@interchain-attestation/service';
import { createHarness, encodePackets, type Harness, testPacket } from './support/harness.ts';
import { ScriptedChain } from './support/scripted-chain.ts';

const { ACK, RECEIPT } = attestor.CommitmentType;

const fails = (call: Promise<unknown>, code: string, reason: string): Promise<void> =>
  assert.rejects(call, (error: RpcError) => {
    assert.equal(error.code, `rpc/${code}`, error.message);
    assert.equal(error.reason, reason, error.message);
    return true;
  });

/** Everything is refused with Aborted, also what was answered before, also after a restart. */
const assertStopped = async (harness: Harness, answeredBefore: bigint): Promise<void> => {
  for (const round of ['running', 'restarted']) {
    await fails(harness.client.stateAttestation({ height: answeredBefore }), 'aborted', 'attestor/stopped');
    await fails(harness.client.latestHeight({}), 'aborted', 'attestor/stopped');
    const readiness = await harness.attestor.ready();
    assert.equal(readiness.ok, false);
    assert.equal(readiness.checks.guard?.ok, false);
    assert.equal(harness.guard.status().state, 'stopped');
    assert.equal(harness.guard.status().evidence, 1, round);
    if (round === 'running') await harness.restart();
  }
};

describe('what was signed is remembered', () => {
  test('peers.md #7: a reorganisation past finality stops signing, keeps evidence, and is Aborted', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 15n });
    chain.reorg(14n);
    chain.mine(3, 'b');
    const signed = harness.events.filter(({ type }) => type === 'signed').length;
    await fails(harness.client.stateAttestation({ height: 20n }), 'aborted', 'attestor/conflict');
    assert.equal(harness.events.filter(({ type }) => type === 'signed').length, signed);
    const [evidence] = harness.guard.evidence();
    assert.equal(evidence?.rule, 'not-canonical');
    assert.match(evidence?.data ?? '', new RegExp(chain.blocks[15]?.hash ?? 'none'));
    assert.match(evidence?.data ?? '', /http:\/\/127\.0\.0\.1:1/);
    await assertStopped(harness, 15n);
  });

  test('peers.md #7: the same when the reorganised chain is not longer, and when it is found only after a restart', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 15n });
    await harness.restart();
    chain.reorg(10n);
    await fails(harness.client.stateAttestation({ height: 9n }), 'aborted', 'attestor/conflict');
    await assertStopped(harness, 15n);
  });

  test('an old attested block, far below the kept headers, is compared as well', async (t) => {
    const chain = new ScriptedChain(400);
    const harness = await createHarness(chain, { headerWindow: 8 });
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 15n });
    chain.reorg(10n);
    await fails(harness.client.stateAttestation({ height: 399n }), 'aborted', 'attestor/conflict');
  });

  test('the poll finds a reorganisation though nobody asks', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain, { pollIntervalMs: 10 });
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 15n });
    chain.reorg(14n);
    while (!harness.events.some(({ type }) => type === 'conflict')) await new Promise((r) => setTimeout(r, 5));
    assert.equal(harness.guard.status().state, 'stopped');
  });

  test('a reorganisation above everything attested stops nothing, and the new blocks are attested', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 10n });
    chain.reorg(14n);
    const { attestation } = await harness.client.stateAttestation({ height: 15n });
    assert.equal(attestation?.height, 15n);
    assert.ok(harness.events.some(({ type }) => type === 'final-reorg'));
    assert.equal(harness.guard.status().state, 'ready');
  });

  test('a commitment that changes between heights stops signing', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    const at = { clientId: 'client-1', sequence: 1n };
    const path = { kind: 'acknowledgement', ...at } as const;
    chain.set({ kind: 'receipt', ...at }, keccak256(encodePacket(testPacket(1n))), 5n);
    chain.set(path, ackCommitment([Uint8Array.of(1)]), 5n);
    chain.set(path, ackCommitment([Uint8Array.of(2)]), 10n);
    const ask = (height: bigint) =>
      harness.client.packetAttestation({ packets: encodePackets(testPacket(1n)), height, commitmentType: ACK });
    await ask(6n);
    await harness.client.stateAttestation({ height: 6n });
    await fails(ask(11n), 'aborted', 'attestor/conflict');
    await assertStopped(harness, 6n);
  });

  test('a receipt whose absence was attested past the timeout may not appear later', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    const packet = testPacket(1n, { timeoutTimestampSec: (chain.blocks[5]?.timestampSec ?? 0n) - 1n });
    const ask = (height: bigint, commitmentType: attestor.CommitmentType) =>
      harness.client.packetAttestation({ packets: encodePackets(packet), height, commitmentType });
    await ask(6n, RECEIPT);
    const at = { clientId: 'client-1', sequence: 1n };
    chain.set({ kind: 'receipt', ...at }, keccak256(encodePacket(packet)), 8n);
    chain.set({ kind: 'acknowledgement', ...at }, ackCommitment([Uint8Array.of(1)]), 8n);
    await fails(ask(9n, ACK), 'aborted', 'attestor/conflict');
  });
});

describe('an RPC that lies', () => {
  test('about the hash of an attested height below the kept headers: conflict', async (t) => {
    const chain = new ScriptedChain(100);
    const harness = await createHarness(chain, { headerWindow: 4, maxCachedAnswers: 0 });
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 15n });
    chain.lie = (header) => (header.height === 15n ? { ...header, hash: `0x${'ee'.repeat(32)}` } : header);
    await fails(harness.client.stateAttestation({ height: 15n }), 'aborted', 'attestor/conflict');
  });

  test('about the time of an attested height: conflict', async (t) => {
    const chain = new ScriptedChain(100);
    const harness = await createHarness(chain, { headerWindow: 4, maxCachedAnswers: 0 });
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 15n });
    chain.lie = (header) => (header.height === 15n ? { ...header, timestampSec: header.timestampSec + 1n } : header);
    await fails(harness.client.stateAttestation({ height: 15n }), 'aborted', 'attestor/conflict');
  });

  test('about the hash of a height that was never attested: its headers do not link, nothing is signed', async (t) => {
    const chain = new ScriptedChain(100);
    chain.lie = (header) => (header.height === 95n ? { ...header, hash: `0x${'ee'.repeat(32)}` } : header);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    for (const height of [95n, 90n]) {
      await fails(harness.client.stateAttestation({ height }), 'unavailable', 'attestor/chain-inconsistent');
    }
    assert.equal(harness.events.filter(({ type }) => type === 'signed').length, 0);
    chain.lie = undefined;
    await harness.client.stateAttestation({ height: 95n });
  });

  test('about time running backwards: nothing is signed', async (t) => {
    const chain = new ScriptedChain(100);
    const honest = chain.blocks[95]?.timestampSec ?? 0n;
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    for (const timestampSec of [1n, honest + 1_000n]) {
      chain.lie = (header) => (header.height === 95n ? { ...header, timestampSec } : header);
      await fails(harness.client.stateAttestation({ height: 95n }), 'unavailable', 'attestor/chain-inconsistent');
    }
  });

  test('a node that lags behind what was attested is waited for, not believed', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 18n });
    chain.finalOffset = 6;
    await fails(harness.client.stateAttestation({ height: 16n }), 'failed-precondition', 'attestor/height-not-final');
    await harness.client.stateAttestation({ height: 12n });
    await harness.restart();
    await fails(harness.client.stateAttestation({ height: 12n }), 'unavailable', 'attestor/chain-behind');
    chain.finalOffset = 0;
    await harness.client.stateAttestation({ height: 12n });
    assert.equal(harness.guard.status().state, 'ready');
  });
});

describe('a chain that cannot be', () => {
  test('an acknowledgement without a receipt, which no router leaves behind, is not attested', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    const at = { clientId: 'client-1', sequence: 1n };
    chain.set({ kind: 'acknowledgement', ...at }, ackCommitment([Uint8Array.of(1)]), 5n);
    const ask = () =>
      harness.client.packetAttestation({ packets: encodePackets(testPacket(1n)), height: 6n, commitmentType: ACK });
    await fails(ask(), 'unavailable', 'attestor/chain-inconsistent');
    assert.equal(harness.events.filter(({ type }) => type === 'recorded').length, 0);
    chain.set({ kind: 'receipt', ...at }, keccak256(encodePacket(testPacket(1n))), 5n);
    await ask();
  });

  test('far below a height that was attested: readiness says what that may mean', async (t) => {
    const chain = new ScriptedChain(60);
    const harness = await createHarness(chain, { headerWindow: 20 });
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 55n });
    for (const [finalOffset, hint] of [
      [10, false],
      [40, true],
    ] as const) {
      chain.finalOffset = finalOffset;
      await harness.restart();
      const { ok, checks } = await harness.attestor.ready();
      assert.equal(ok, false);
      const detail = checks.chain?.detail ?? '';
      assert.match(detail, /attestor\/chain-behind/);
      assert.equal(/36 blocks above it: .* this key must be replaced/.test(detail), hint, detail);
    }
  });

  test('another final block at every look: callers are told, none waits for ever', { timeout: 20_000 }, async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    let looks = 0;
    chain.lie = (header) =>
      header.height === 19n ? { ...header, hash: `0x${(++looks).toString(16).padStart(64, '0')}` } : header;
    const answers = await Promise.allSettled(Array.from({ length: 40 }, () => harness.client.latestHeight({})));
    const refused = answers.filter((answer) => answer.status === 'rejected');
    assert.ok(refused.length > 0);
    for (const { reason } of refused) assert.equal(reason.reason, 'attestor/chain-inconsistent');
    chain.lie = undefined;
    assert.equal((await harness.client.latestHeight({})).height, 19n);
  });
});

describe('outages', () => {
  test('peers.md #8: an outage is Unavailable, and over when the chain is back', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 10n });
    chain.failure = new ChainError('chain/unavailable', 'RPC at http://127.0.0.1:1: no answer', { retryable: true });
    await fails(harness.client.stateAttestation({ height: 11n }), 'unavailable', 'chain/unavailable');
    await harness.client.stateAttestation({ height: 10n });
    chain.failure = new ChainError('chain/wrong-chain', 'another chain');
    await fails(harness.client.stateAttestation({ height: 11n }), 'unavailable', 'chain/wrong-chain');
    chain.failure = undefined;
    await harness.client.stateAttestation({ height: 11n });
  });

  test('peers.md #14: a hung RPC costs the caller its deadline and nobody else anything', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 10n });
    let release = (): void => {};
    chain.gate = new Promise((resolve) => {
      release = resolve;
    });
    await assert.rejects(harness.client.stateAttestation({ height: 11n }, { timeoutMs: 30 }), {
      code: 'rpc/deadline-exceeded',
    });
    await harness.client.stateAttestation({ height: 10n }, { timeoutMs: 1_000 });
    release();
    chain.gate = undefined;
    await harness.client.stateAttestation({ height: 11n });
  });

  test('a caller that left gets nothing recorded', async (t) => {
    const chain = new ScriptedChain(20);
    const harness = await createHarness(chain);
    t.after(() => harness.close());
    await harness.client.stateAttestation({ height: 10n });
    let release = (): void => {};
    chain.gate = new Promise((resolve) => {
      release = resolve;
    });
    const controller = new AbortController();
    const call = harness.client.stateAttestation({ height: 12n }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(call, { code: 'rpc/cancelled' });
    release();
    chain.gate = undefined;
    await harness.client.stateAttestation({ height: 13n });
    assert.deepEqual(
      harness.guard.recordedBlocks().map(({ height }) => height),
      [10n, 13n],
    );
  });

  test('heights near the first block that a node has are attested, though none stand below to link to', async (t) => {
    for (const refusesPruned of [false, true]) {
      const chain = new ScriptedChain(40);
      Object.assign(chain, { base: 20n, refusesPruned });
      const harness = await createHarness(chain);
      t.after(() => harness.close());
      await harness.client.latestHeight({});
      for (const height of [30n, 21n, 20n]) await harness.client.stateAttestation({ height });
      const missing = harness.client.stateAttestation({ height: 19n });
      if (refusesPruned) await fails(missing, 'out-of-range', 'chain/state-pruned');
      else await fails(missing, 'unavailable', 'attestor/chain-inconsistent');
    }
  });

  test('peers.md #6: many requests at once share their reads, and a chain that grows is read a block at a time', async (t) => {
    const chain = new ScriptedChain(300);
    const harness = await createHarness(chain, { headerWindow: 64 });
    t.after(() => harness.close());
    const packets = Array.from({ length: 50 }, (_, i) => testPacket(BigInt(i + 1)));
    for (const packet of packets) {
      chain.set({ kind: 'packet', clientId: 'client-0', sequence: packet.sequence }, packetCommitment(packet));
    }
    await harness.client.latestHeight({});
    assert.equal(chain.calls.headerCount, 0);
    await harness.client.stateAttestation({ height: 270n });
    const before = { ...chain.calls };
    await Promise.all(packets.map((_, i) => harness.client.stateAttestation({ height: 299n - BigInt(i) })));
    assert.equal(chain.calls.headerCount, before.headerCount);
    await harness.client.packetAttestation({ packets: encodePackets(...packets), height: 299n });
    assert.equal(chain.calls.commitments, before.commitments + 1);
    chain.mine(3);
    await harness.client.stateAttestation({ height: 302n });
    assert.equal(chain.calls.headerCount, before.headerCount + 2);
  });
});

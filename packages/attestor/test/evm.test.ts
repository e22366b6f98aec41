import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test';
import { createAgreeingReader } from '@interchain-attestation/chains';
import { createEvmChain, type EvmChain } from '@interchain-attestation/chains/evm';
import { ackCommitment, encodePacket, keccak256 } from '@interchain-attestation/core';
import { attestor } from '@interchain-attestation/proto';
import type { RpcError } from '@interchain-attestation/service';
import { type Anvil, startAnvil } from './support/anvil.ts';
import { createHarness, encodePackets, type Harness, testPacket } from './support/harness.ts';
import { type LyingProxy, startLyingProxy } from './support/lying-proxy.ts';
import { installRouter, ROUTER, setCommitments, setSent } from './support/tiny-router.ts';

const { PACKET, ACK, RECEIPT } = attestor.CommitmentType;

const connect = (rpcUrl: string, router: string = ROUTER, requestTimeoutMs = 20_000): EvmChain =>
  createEvmChain({
    name: 'evm',
    chainId: '31337',
    rpcUrl,
    router,
    finality: { offset: 2 },
    finalityCacheMs: 10,
    requestTimeoutMs,
    retries: 0,
  });

const fails = (call: Promise<unknown>, code: string, reason: string): Promise<void> =>
  assert.rejects(call, (error: RpcError) => {
    assert.equal(error.code, `rpc/${code}`, error.message);
    assert.equal(error.reason, reason, error.message);
    assert.doesNotMatch(error.message, /secretkey/);
    return true;
  });

describe('against a real EVM node', () => {
  let anvil: Anvil;
  let proxy: LyingProxy;
  let chain: EvmChain;
  let harness: Harness;
  let head: bigint;
  const sent = [1n, 2n, 3n].map((sequence) => testPacket(sequence));
  const received = testPacket(9n);
  const ask = (packets: Uint8Array[], height: bigint, commitmentType: attestor.CommitmentType = PACKET) =>
    harness.client.packetAttestation({ packets, height, commitmentType });

  before(async () => {
    anvil = await startAnvil();
    await anvil.rpc('anvil_mine', ['0x5']);
    await installRouter(anvil);
    await setSent(anvil, sent);
    const at = { clientId: received.destClient, sequence: received.sequence };
    await setCommitments(anvil, [
      { path: { kind: 'receipt', ...at }, value: keccak256(encodePacket(received)) },
      { path: { kind: 'acknowledgement', ...at }, value: ackCommitment([Uint8Array.of(1)]) },
    ]);
    await anvil.rpc('anvil_mine', ['0xf']);
    head = BigInt(await anvil.rpc<string>('eth_blockNumber'));
    proxy = await startLyingProxy(anvil.url);
  });
  beforeEach(async (t) => {
    proxy.alter = undefined;
    proxy.hang = false;
    proxy.text = undefined;
    proxy.target = anvil.url;
    chain = connect(proxy.url);
    harness = await createHarness(chain.reader);
    (t as { after?(fn: () => Promise<void>): void }).after?.(async () => {
      await harness.close();
      await chain.close();
    });
  });
  after(async () => {
    await proxy.close();
    await anvil.stop();
  });

  test('states, packets, acknowledgements and absent receipts are attested', async () => {
    const height = head - 2n;
    const block = await anvil.rpc<{ timestamp: string }>('eth_getBlockByNumber', [`0x${height.toString(16)}`, false]);
    const state = await harness.client.stateAttestation({ height });
    assert.equal(state.attestation?.timestamp, BigInt(block.timestamp));
    assert.equal((await ask(encodePackets(...sent), height)).attestation?.height, height);
    assert.ok((await ask(encodePackets(received), height, ACK)).attestation);
    assert.ok((await ask(encodePackets(testPacket(77n)), height, RECEIPT)).attestation);
    await fails(ask(encodePackets(received), height, RECEIPT), 'invalid-argument', 'attestor/receipt-exists');
    await fails(ask(encodePackets(testPacket(77n)), height), 'not-found', 'attestor/commitment-missing');
    await fails(ask(encodePackets(...sent), head - 1n), 'failed-precondition', 'attestor/height-not-final');
    await fails(ask(encodePackets(...sent), 2n ** 64n - 1n), 'failed-precondition', 'attestor/height-not-final');
    assert.equal((await harness.client.latestHeight({})).height, height);
    assert.equal((await harness.attestor.ready()).ok, true);
  });

  test('absence is never attested for an address without code, also where it had none yet at that height', async () => {
    await fails(ask(encodePackets(testPacket(77n)), 3n, RECEIPT), 'unavailable', 'chain/not-a-router');
    const elsewhere = connect(proxy.url, '0x3333333333333333333333333333333333333333');
    const other = await createHarness(elsewhere.reader);
    await fails(
      other.client.packetAttestation({
        packets: encodePackets(testPacket(77n)),
        height: head - 2n,
        commitmentType: RECEIPT,
      }),
      'unavailable',
      'chain/not-a-router',
    );
    await other.close();
    await elsewhere.close();
  });

  test('peers.md #8: HTML, an error, a refused connection are Unavailable, and no URL is shown', async () => {
    await harness.client.latestHeight({});
    for (const text of ['<html>rate limited</html>', '{"error":{"code":-32000,"message":"boom"}}', '[]', '']) {
      proxy.text = text;
      await fails(ask(encodePackets(...sent), head - 2n), 'unavailable', 'chain/unavailable');
    }
    proxy.text = undefined;
    proxy.target = 'http://127.0.0.1:1';
    await fails(ask(encodePackets(...sent), head - 2n), 'unavailable', 'chain/unavailable');
    proxy.target = anvil.url;
    assert.ok((await ask(encodePackets(...sent), head - 2n)).attestation);
  });

  test('peers.md #14: a hung RPC has a time-out of its own, and shows in readiness', async () => {
    await harness.attestor.close();
    const impatient = connect(proxy.url, ROUTER, 2_000);
    const hung = await createHarness(impatient.reader);
    proxy.hang = true;
    const question = { packets: encodePackets(...sent), height: head - 2n, commitmentType: PACKET };
    await fails(hung.client.packetAttestation(question), 'unavailable', 'chain/unavailable');
    await assert.rejects(hung.client.packetAttestation({ ...question, height: head - 3n }, { timeoutMs: 20 }), {
      code: 'rpc/deadline-exceeded',
    });
    await hung.close();
    await impatient.close();
  });

  test('peers.md #6: another chain behind the same URL gets no signature', async () => {
    const other = await startAnvil([], 31_338);
    await other.rpc('anvil_mine', ['0x30']);
    await harness.client.stateAttestation({ height: 5n });
    proxy.target = other.url;
    await new Promise((resolve) => setTimeout(resolve, 15));
    await fails(harness.client.stateAttestation({ height: 6n }), 'unavailable', 'chain/wrong-chain');
    await fails(ask(encodePackets(...sent), head - 2n), 'unavailable', 'chain/wrong-chain');
    await other.stop();
    proxy.target = anvil.url;
    await harness.client.stateAttestation({ height: 6n });
  });

  test('peers.md #6: another chain with the same chain id gets no signature either', async () => {
    const other = await startAnvil(['--timestamp', '1600000000']);
    await other.rpc('anvil_mine', ['0x30']);
    await harness.client.stateAttestation({ height: 5n });
    proxy.target = other.url;
    await new Promise((resolve) => setTimeout(resolve, 15));
    await assert.rejects(harness.client.stateAttestation({ height: 15n }), (error: RpcError) =>
      ['rpc/unavailable', 'rpc/aborted'].includes(error.code),
    );
    await harness.attestor.close();
    const impostor = connect(other.url);
    await assert.rejects(harness.restart(impostor.reader), { code: 'guard/wrong-source' });
    await impostor.close();
    await other.stop();
  });

  describe('an RPC that lies', () => {
    const blockLie = (height: bigint, change: Record<string, string>): LyingProxy['alter'] => {
      return (_, entry) => {
        const block = entry.result as { number?: string } | null;
        if (block !== null && typeof block === 'object' && block.number === `0x${height.toString(16)}`) {
          Object.assign(block, change);
        }
      };
    };

    test('peers.md #7: about one hash, after it was attested: conflict, also after the lie is over', async () => {
      await harness.client.stateAttestation({ height: 10n });
      await harness.restart();
      proxy.alter = blockLie(10n, { hash: `0x${'ee'.repeat(32)}` });
      await fails(harness.client.stateAttestation({ height: 12n }), 'aborted', 'attestor/conflict');
      proxy.alter = undefined;
      await fails(harness.client.stateAttestation({ height: 12n }), 'aborted', 'attestor/stopped');
      assert.match(harness.guard.evidence()[0]?.data ?? '', /0xeeee/);
      assert.doesNotMatch(harness.guard.evidence()[0]?.data ?? '', /secretkey/);
    });

    test('about one hash, before it was attested: no signature', async () => {
      proxy.alter = blockLie(10n, { hash: `0x${'ee'.repeat(32)}` });
      await fails(harness.client.stateAttestation({ height: 10n }), 'unavailable', 'attestor/chain-inconsistent');
    });

    test('about the time, after it was attested: conflict', async () => {
      const { attestation } = await harness.client.stateAttestation({ height: 10n });
      await harness.restart();
      const later = (attestation?.timestamp ?? 0n) + 1n;
      proxy.alter = blockLie(10n, { timestamp: `0x${later.toString(16)}` });
      await fails(harness.client.stateAttestation({ height: 10n }), 'aborted', 'attestor/conflict');
    });

    test('about one path: a packet is compared with its commitment, an acknowledgement with what was attested', async () => {
      const answerLie: LyingProxy['alter'] = (call, entry) => {
        if (call.method !== 'eth_call' || typeof entry.result !== 'string' || entry.result.length <= 130) return;
        entry.result = `${entry.result.slice(0, 130)}${'77'.repeat(32)}${entry.result.slice(194)}`;
      };
      proxy.alter = answerLie;
      await fails(ask(encodePackets(...sent), head - 2n), 'invalid-argument', 'attestor/wrong-commitment');
      proxy.alter = undefined;
      await ask(encodePackets(received), head - 3n, ACK);
      proxy.alter = answerLie;
      await fails(ask(encodePackets(received), head - 2n, ACK), 'aborted', 'attestor/conflict');
      assert.equal(harness.guard.status().state, 'stopped');
    });
  });

  describe('peers.md #6: one RPC of three that lies, when two must agree', () => {
    const lies: Readonly<Record<string, NonNullable<LyingProxy['alter']>>> = {
      'about hashes and times of all blocks': (_, { result }) => {
        const block = result as { hash?: string; timestamp?: string } | null;
        if (block === null || typeof block !== 'object' || block.hash === undefined) return;
        Object.assign(block, { hash: `0x${'ee'.repeat(32)}`, timestamp: '0x1' });
      },
      'about what the router holds': (call, entry) => {
        if (call.method !== 'eth_call' || typeof entry.result !== 'string' || entry.result.length <= 130) return;
        entry.result = `${entry.result.slice(0, 130)}${'77'.repeat((entry.result.length - 130) / 2)}`;
      },
      'about an absence': (call, entry) => {
        if (call.method !== 'eth_call' || typeof entry.result !== 'string' || entry.result.length <= 130) return;
        entry.result = `${entry.result.slice(0, 130)}${'00'.repeat((entry.result.length - 130) / 2)}`;
      },
      'about the head': (_, { result }) => {
        const block = result as { number?: string } | null;
        if (block !== null && typeof block === 'object' && block.number !== undefined) block.number = '0xffffff';
      },
    };
    let agreeing: Harness;
    const askIt = (packets: Uint8Array[], height: bigint, commitmentType: attestor.CommitmentType = PACKET) =>
      agreeing.client.packetAttestation({ packets, height, commitmentType });
    const start = async (context: Pick<TestContext, 'after'>, required: number, count: number): Promise<void> => {
      // The first one is behind the proxy, as the one that would be believed alone.
      const chains = Array.from({ length: count }, (_, i) => connect(i === 0 ? proxy.url : anvil.url));
      const reader = createAgreeingReader(
        chains.map((one) => one.reader),
        { required, graceMs: 20 },
      );
      context.after(async () => {
        await agreeing?.close();
        await Promise.all(chains.map((one) => one.close()));
      });
      agreeing = await createHarness(reader);
    };

    test('nothing that it says is signed, and nothing stops', async (t) => {
      await start(t, 2, 3);
      const height = head - 2n;
      const honest = [
        await agreeing.client.stateAttestation({ height: height - 1n }),
        await askIt(encodePackets(...sent), height - 1n),
      ];
      for (const [what, alter] of Object.entries(lies)) {
        proxy.alter = alter;
        await agreeing.restart();
        const state = await agreeing.client.stateAttestation({ height: height - 1n });
        assert.deepEqual(state.attestation?.attestedData, honest[0]?.attestation?.attestedData, what);
        const packets = await askIt(encodePackets(...sent), height - 1n);
        assert.deepEqual(packets.attestation?.attestedData, honest[1]?.attestation?.attestedData, what);
        assert.ok((await askIt(encodePackets(received), height, ACK)).attestation, what);
        assert.ok((await askIt(encodePackets(testPacket(78n)), height, RECEIPT)).attestation, what);
        await fails(askIt(encodePackets(received), height, RECEIPT), 'invalid-argument', 'attestor/receipt-exists');
        assert.equal(agreeing.guard.status().state, 'ready', what);
      }
      proxy.alter = undefined;
      proxy.hang = true;
      assert.ok((await agreeing.client.stateAttestation({ height: height - 3n })).attestation, 'one hangs');
      assert.equal((await agreeing.attestor.ready()).ok, true);
    });

    test('where two are all, a lie is an outage: refused, without a conflict', async (t) => {
      await start(t, 2, 2);
      await askIt(encodePackets(...sent), head - 2n);
      const lie = lies['about what the router holds'];
      proxy.alter = lie;
      await fails(askIt(encodePackets(received), head - 2n, ACK), 'unavailable', 'chain/rpc-disagreement');
      proxy.alter = lies['about hashes and times of all blocks'];
      await agreeing.restart();
      await assert.rejects(agreeing.client.stateAttestation({ height: head - 2n }), { code: 'rpc/unavailable' });
      assert.equal(agreeing.guard.status().state, 'ready');
      proxy.alter = undefined;
      assert.ok((await askIt(encodePackets(received), head - 2n, ACK)).attestation);
    });
  });

  test('peers.md #14: 100 packets and 64 callers cost a constant number of connections', async () => {
    const packets = Array.from({ length: 100 }, (_, i) => testPacket(BigInt(1_000 + i)));
    await setSent(anvil, packets);
    await anvil.rpc('anvil_mine', ['0x3']);
    head = BigInt(await anvil.rpc<string>('eth_blockNumber'));
    const encoded = encodePackets(...packets);
    await harness.client.latestHeight({});
    const before = proxy.connections;
    await Promise.all(Array.from({ length: 64 }, (_, i) => ask(encoded.slice(0, 100 - i), head - 2n)));
    assert.ok(proxy.connections - before <= 8, `${proxy.connections - before} connections`);
  });

  test('peers.md #7: anvil_reorg past finality stops signing: Aborted, evidence, not ready', async () => {
    const height = head - 2n;
    await harness.client.stateAttestation({ height });
    await anvil.rpc('anvil_reorg', [6, []]);
    await anvil.rpc('anvil_mine', ['0x4']);
    await new Promise((resolve) => setTimeout(resolve, 15));
    await fails(harness.client.stateAttestation({ height: height + 1n }), 'aborted', 'attestor/conflict');
    await fails(harness.client.stateAttestation({ height }), 'aborted', 'attestor/stopped');
    assert.equal(harness.guard.evidence()[0]?.rule, 'not-canonical');
    const readiness = await harness.attestor.ready();
    assert.equal(readiness.ok, false);
    assert.match(readiness.checks.guard?.detail ?? '', /until an operator clears/);
    await harness.restart();
    await fails(harness.client.stateAttestation({ height: height + 1n }), 'aborted', 'attestor/stopped');
  });
});

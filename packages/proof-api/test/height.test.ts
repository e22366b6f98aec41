import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { heightCandidates, quorumHeight } from '../src/domain/height.ts';
import { decodeStateAttestation, decodeTx, signersOf } from './support/decode-tx.ts';
import { failsWith, txOf, withHarness } from './support/expect.ts';
import { DEST_CLIENT, packet, query } from './support/harness.ts';

describe('choice of the height', () => {
  test('peers.md #3: the m-th highest report counts, not the lowest', () => {
    assert.equal(quorumHeight([5n, 100n, 99n, 98n, 0n], 3), 98n);
    assert.equal(quorumHeight([2n ** 64n - 1n, 100n, 99n], 2), 100n);
    assert.equal(quorumHeight([100n, 99n], 3), undefined);
  });

  test('the lowest that covers comes first; when it is old, recent heights do, and lower reports follow', () => {
    const input = { need: 90n, finalized: 100n, reports: [100n, 99n, 95n, 80n], minRequiredSigs: 2, recentBlocks: 64n };
    assert.deepEqual(heightCandidates(input), [90n, 99n, 95n]);
    assert.deepEqual(heightCandidates({ ...input, recentBlocks: 5n }), [99n, 95n, 90n]);
    // Two liars, two honest attestors and one that lags: the height that three honest ones have reached is tried.
    const lagging = { ...input, reports: [100n, 100n, 99n, 98n, 92n], minRequiredSigs: 3, recentBlocks: 5n };
    assert.deepEqual(heightCandidates(lagging), [99n, 98n, 92n, 90n]);
    assert.deepEqual(heightCandidates({ ...input, need: 100n }), [100n]);
    assert.deepEqual(heightCandidates({ ...input, reports: [] }), [90n, 100n]);
    // A majority of absurd reports cannot lift it above what is final here.
    assert.deepEqual(heightCandidates({ ...input, reports: [9_999n, 9_999n] }), [90n, 100n]);
  });
});

describe('finality', () => {
  const start = withHarness({ finalityOffset: 1n });

  test('peers.md #3: lagging attestors, and ones that lie about their height, hold nobody up', async () => {
    const { a, api, attestors } = await start();
    const [lagging, lying] = attestors;
    assert.ok(lagging && lying);
    lagging.lag = 4n;
    lying.reports = 1n;
    const tx = a.send([packet(1n)]);
    const { height } = a.mine();
    a.mine();
    const result = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    assert.equal(result.height, height);
    const update = await api.service.updateClient(
      { $typeName: 'proofapi.UpdateClientRequest', srcChain: 'a', dstChain: 'b', dstClientId: DEST_CLIENT },
      { signal: new AbortController().signal, peer: 'test' },
    );
    const [call] = decodeTx(txOf(update));
    assert.ok(call?.proof);
    assert.equal(signersOf('state', call.proof).length, 3);
    // Two liars against three honest ones of which one lags: the update goes to what all three have reached.
    for (const liar of attestors.slice(1, 3)) {
      liar.behaviour = 'refuses';
      liar.reports = 10_000n;
    }
    const lower = await api.service.updateClient(
      { $typeName: 'proofapi.UpdateClientRequest', srcChain: 'a', dstChain: 'b', dstClientId: DEST_CLIENT },
      { signal: new AbortController().signal, peer: 'test' },
    );
    const [fallback] = decodeTx(txOf(lower));
    assert.equal(
      decodeStateAttestation(fallback?.proof?.attestationData ?? new Uint8Array()).height,
      a.finalized.height - 4n,
    );
  });

  test('a packet that is about to be final is waited for, and proven as soon as the block is there', async () => {
    const { a, api } = await start({ config: { finalityWaitMs: 5_000 } });
    const tx = a.send([packet(1n)]);
    a.mine();
    const pending = api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    setTimeout(() => a.mine(), 60);
    assert.equal((await pending).messages.length, 1);
  });

  test('one that is not final in time comes back as not final', async () => {
    const { a, api } = await start();
    const tx = a.send([packet(1n)]);
    a.mine();
    await assert.rejects(
      api.relay('a', 'b', query({ sourceTxIds: [tx] })),
      failsWith('proof-api/not-final', /is not final yet for 3 of 5 attestors/, /FailedPrecondition/),
    );
  });

  test('a packet far above the final height comes back at once', async () => {
    const harness = await start({ finalityOffset: 6n });
    const tx = harness.a.send([packet(1n)]);
    harness.a.mine();
    await assert.rejects(
      harness.api.relay('a', 'b', query({ sourceTxIds: [tx] })),
      failsWith('proof-api/not-final', /height 10 of a is not final yet, 4 is/),
    );
    const asked = harness.attestors.map(({ asked: { state, packet: packets } }) => state + packets);
    assert.deepEqual(asked, [0, 0, 0, 0, 0]);
  });

  test('an old packet is proven at a recent height, whose state nodes still hold', async () => {
    const { a, api, portsA } = await start({ config: { recentBlocks: 10 } });
    const tx = a.send([packet(1n)]);
    a.mine();
    for (let i = 0; i < 40; i++) a.mine();
    portsA.bend.prunedBelow = a.head.height - 10n;
    const { height } = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    assert.ok(height >= a.head.height - 10n, `${height}`);
  });

  test('a client that is up to date is told so', async () => {
    const { a, api, client } = await start();
    client.state = { ...client.state, latestHeight: a.finalized.height };
    await assert.rejects(
      api.service.updateClient(
        { $typeName: 'proofapi.UpdateClientRequest', srcChain: 'a', dstChain: 'b', dstClientId: DEST_CLIENT },
        { signal: new AbortController().signal, peer: 'test' },
      ),
      failsWith('proof-api/up-to-date'),
    );
  });
});

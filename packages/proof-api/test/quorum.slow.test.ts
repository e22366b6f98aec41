import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Hex, privateKeyToAddress, utf8ToBytes } from '@interchain-attestation/core';
import { decodeTx, signersOf } from './support/decode-tx.ts';
import { failsWith, withHarness } from './support/expect.ts';
import { type Harness, packet, packets, query } from './support/harness.ts';
import { type Behaviour, testKey } from './support/test-attestor.ts';

const sendOne = ({ a }: Harness): Hex => {
  const tx = a.send([packet(1n)]);
  a.mine();
  return tx;
};

/** Who signed the proof of a packet's transaction, by question. */
const relaySigners = async (
  harness: Harness,
  tx: Hex,
): Promise<{ readonly state: ReadonlySet<string>; readonly packet: ReadonlySet<string> }> => {
  const { tx: bytes } = await harness.api.relay('a', 'b', query({ sourceTxIds: [tx] }));
  const [update, receive] = decodeTx(bytes);
  assert.ok(update?.proof && receive?.proof);
  return {
    state: new Set(signersOf('state', update.proof)),
    packet: new Set(signersOf('packet', receive.proof)),
  };
};

describe('two of five attestors are faulty, and the other three make a proof', () => {
  const start = withHarness({});
  const faults: readonly [Behaviour, outcome: string, onlyOn?: 'state' | 'packet'][] = [
    ['hung', 'pending'],
    ['lies-about-commitments', 'contradicts', 'packet'],
    ['lies-about-time', 'contradicts', 'state'],
    ['unsigned', 'signature-recovery-id'],
    ['empty', 'malformed'],
    ['garbage', 'malformed'],
    ['huge', 'refused'],
    ['high-s', 'signature-high-s'],
    ['answers-other-height', 'wrong-statement', 'state'],
    ['not-final', 'not-final'],
    ['conflict', 'guard-conflict'],
    ['refuses', 'packet-refused'],
    ['behind', 'chain-outage'],
  ];
  for (const [behaviour, outcome, onlyOn] of faults) {
    test(`peers.md #1: ${behaviour}: dropped, named and counted`, async () => {
      const harness = await start();
      const bad = harness.attestors.slice(0, 2);
      for (const attestor of bad) attestor.behaviour = behaviour;
      // The honest ones answer later: the faulty answers are judged, not merely overtaken.
      for (const attestor of harness.attestors.slice(2)) attestor.delayMs = 40;
      const signers = await relaySigners(harness, sendOne(harness));
      const honest = new Set<string>(harness.attestors.slice(2).map(({ signer }) => signer));
      if (onlyOn !== 'packet') assert.deepEqual(signers.state, honest);
      if (onlyOn !== 'state') assert.deepEqual(signers.packet, honest);
      if (outcome === 'pending') return;
      for (const { name, address } of bad) {
        const event = await harness.event(
          'answer',
          ({ report }) => report.attestor === name && report.outcome === outcome,
        );
        assert.equal(event.report.address, address);
      }
      const metrics = await harness.metrics.metrics();
      assert.match(metrics, new RegExp(`attestor_answers_total{.*attestor="attestor-0",outcome="${outcome}"`));
    });
  }

  test('peers.md #1: a key outside of the set is dropped, and another key of the set counts once', async () => {
    const harness = await start();
    const [stranger, twin, honest] = harness.attestors;
    assert.ok(stranger && twin && honest);
    stranger.key = testKey(77);
    twin.key = honest.key;
    for (const attestor of harness.attestors.slice(3)) attestor.delayMs = 60;
    const signers = await relaySigners(harness, sendOne(harness));
    assert.deepEqual(signers.packet, new Set(harness.attestors.slice(2).map(({ signer }) => signer)));
    const unknown = await harness.event('answer', ({ report }) => report.outcome === 'unknown-signer');
    assert.equal(unknown.report.attestor, stranger.name);
    assert.ok(unknown.report.signer);
    const double = await harness.event('answer', ({ report }) => report.outcome === 'duplicate-signer');
    assert.match(double.report.detail ?? '', /the same signature came through attestor-[12]/);
  });

  test('peers.md #4: a packet attestation is no answer to a question for an acknowledgement', async () => {
    const harness = await start();
    const { a, b, api } = harness;
    for (const attestor of harness.attestors.slice(0, 2)) attestor.behaviour = 'answers-packet-for-ack';
    for (const attestor of harness.attestors.slice(2)) attestor.delayMs = 40;
    const sent = packet(1n, { reversed: true });
    b.send([sent]);
    b.mine();
    const tx = a.receive([sent], utf8ToBytes('ok'));
    a.mine();
    const { messages } = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    assert.deepEqual(messages, [{ kind: 'acknowledge', sequence: 1n }]);
    await harness.event('answer', ({ report }) => report.outcome === 'wrong-statement');
  });

  test('peers.md #13: the set is the one the client holds on chain, and a change is noticed', async () => {
    const harness = await start();
    await relaySigners(harness, sendOne(harness));
    const before = harness.client.state;
    for (const [i, attestor] of harness.attestors.entries()) attestor.key = testKey(50 + i);
    const attestors = harness.attestors.map(({ key }) => privateKeyToAddress(key));
    harness.client.state = { ...before, attestors, minRequiredSigs: 4 };
    const { tx } = await harness.api.relay('a', 'b', query({ sourceTxIds: [sendOne(harness)] }));
    const proof = decodeTx(tx).at(-1)?.proof;
    assert.ok(proof);
    assert.equal(proof.signatures.length, 4);
    assert.ok(signersOf('packet', proof).every((signer) => attestors.includes(signer as Hex)));
  });
});

describe('attestors that do not answer', () => {
  const start = withHarness({ n: 3, dead: 2 });

  test('peers.md #2: dead at start: the others make the proof, and each is asked at the same time', async () => {
    const harness = await start();
    const signers = await relaySigners(harness, sendOne(harness));
    assert.equal(signers.packet.size, 3);
    const { checks } = await harness.api.readiness();
    assert.match(checks['attestors of a']?.detail ?? '', / of 5 answer/);
  });

  test('peers.md #2: a hung attestor holds nobody up, however many requests there are', async () => {
    const harness = await startFive();
    const [hung] = harness.attestors;
    assert.ok(hung);
    hung.behaviour = 'hung';
    for (let i = 1; i <= 30; i++) {
      const tx = harness.a.send([packet(BigInt(i))]);
      harness.a.mine();
      const { messages } = await harness.api.relay('a', 'b', query({ sourceTxIds: [tx] }));
      assert.equal(messages.length, 1);
    }
    // Calls to it may end while later requests are served, but none of these waited for one.
    const answeredLate = harness.events.filter(
      (event) => event.type === 'answer' && event.report.attestor === hung.name && event.report.outcome === 'good',
    );
    assert.deepEqual(answeredLate, []);
    assert.ok(hung.asked.state <= 4 + 1, `${hung.asked.state} calls for the state`);
  });

  const startFive = withHarness({ config: { attestorTimeoutMs: 60_000, maxInFlight: 4 } });

  test('a hung attestor is left alone after a while, probed, and asked again once it answers', async () => {
    const config = { attestorTimeoutMs: 2_000, breakerFailures: 2, breakerOpenMs: 100, breakerMaxOpenMs: 100 };
    const harness = await startFive({ config });
    const [hung] = harness.attestors;
    assert.ok(hung);
    hung.behaviour = 'hung';
    await harness.event('attestor-down', ({ attestor }) => attestor === hung.name);
    const asked = hung.asked.state;
    await relaySigners(harness, sendOne(harness));
    assert.ok(hung.asked.state <= asked + 1);
    hung.behaviour = 'honest';
    await harness.event('attestor-up', ({ attestor }) => attestor === hung.name);
    for (const attestor of harness.attestors.slice(1)) attestor.delayMs = 50;
    const { state } = await relaySigners(harness, sendOne(harness));
    assert.ok(state.has(hung.signer));
  });

  test('peers.md #2: requests do not queue behind one another at an attestor', async () => {
    const harness = await startFive({ config: {} });
    for (const attestor of harness.attestors) attestor.delayMs = 30;
    const txs = Array.from({ length: 12 }, (_, i) => harness.a.send([packet(BigInt(i + 1))]));
    harness.a.mine();
    const results = await Promise.all(txs.map((tx) => harness.api.relay('a', 'b', query({ sourceTxIds: [tx] }))));
    assert.equal(results.length, 12);
    for (const { mostAtOnce } of harness.attestors) assert.equal(mostAtOnce(), 24);
  });

  test('peers.md #16: an attestor that was down at start, or came back with another key, does not stop the route', async () => {
    const harness = await start();
    const [moved] = harness.attestors;
    assert.ok(moved);
    await relaySigners(harness, sendOne(harness));
    moved.key = testKey(99);
    const second = sendOne(harness);
    await assert.rejects(
      harness.api.relay('a', 'b', query({ sourceTxIds: [second] })),
      failsWith(
        'proof-api/quorum-not-reached',
        /attestor-0 at 127\.0\.0\.1:\d+: state: unknown-signer by 0x/,
        /dead-0/,
      ),
    );
    moved.key = testKey(0);
    assert.equal((await relaySigners(harness, second)).packet.size, 3);
  });
});

describe('when a quorum cannot be reached', () => {
  const start = withHarness({});

  test('the error says who answered what, and the quorum comes back with the attestors', async () => {
    const harness = await start({ config: { attestorTimeoutMs: 3_000 } });
    const [first, second, third] = harness.attestors;
    assert.ok(first && second && third);
    first.behaviour = 'refuses';
    second.behaviour = 'hung';
    third.behaviour = 'conflict';
    const tx = sendOne(harness);
    await assert.rejects(
      harness.api.relay('a', 'b', query({ sourceTxIds: [tx] })),
      failsWith(
        'proof-api/quorum-not-reached',
        /attestor-0 at .*: state: refused \(NotFound: no commitment\)/,
        /attestor-2 at .*: guard-conflict|attestor-2 at .*guard-conflict/,
      ),
    );
    first.behaviour = 'honest';
    assert.equal((await relaySigners(harness, tx)).packet.size, 3);
  });

  test('one packet that attestors refuse does not hold the others: the error says so, and a part of them passes', async () => {
    const harness = await start();
    for (const attestor of harness.attestors) attestor.refusedSequence = 2n;
    const tx = harness.a.send(packets(3));
    harness.a.mine();
    await assert.rejects(
      harness.api.relay('a', 'b', query({ sourceTxIds: [tx] })),
      failsWith('proof-api/packets-refused', /packet: packet-refused \(InvalidArgument/),
    );
    const { messages } = await harness.api.relay('a', 'b', query({ sourceTxIds: [tx], sourceSequences: [1n, 3n] }));
    assert.equal(messages.length, 2);
    // Fewer than it takes to prevent a quorum cannot make a packet look bad.
    for (const attestor of harness.attestors.slice(2)) attestor.refusedSequence = undefined;
    await harness.api.relay('a', 'b', query({ sourceTxIds: [tx] }));
  });

  test('a caller that hangs up ends its request and nothing else', async () => {
    const harness = await start();
    for (const attestor of harness.attestors) attestor.delayMs = 100;
    const tx = sendOne(harness);
    const abort = new AbortController();
    const cancelled = harness.api.relay('a', 'b', query({ sourceTxIds: [tx] }), abort.signal);
    const other = harness.api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    setTimeout(() => abort.abort(new Error('hung up')), 20);
    await assert.rejects(cancelled, /hung up/);
    assert.equal((await other).messages.length, 1);
  });

  test('more packets than an attestation takes are asked for in several', async () => {
    const harness = await start({ maxTxBytes: 1 << 20 });
    const tx = harness.a.send(packets(230));
    harness.a.mine();
    const result = await harness.api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    const calls = decodeTx(result.tx).slice(1);
    assert.equal(calls.length, 230);
    assert.equal(calls.filter(({ proof }) => proof !== undefined).length, 3);
  });
});

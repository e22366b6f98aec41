import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeAttestationProof,
  decodeStateAttestation,
  type Hex,
  hexToBytes,
  packetCommitment,
} from '@interchain-attestation/core';
import { createSnapshotClient, ibcGoPolicy, solidityPolicy } from '@interchain-attestation/light-client';
import { misbehaviourProofs } from '../src/index.ts';
import { decodeTx, signersOf } from './support/decode-tx.ts';
import { failsWith, withHarness } from './support/expect.ts';
import { DEST_CLIENT, type Harness, packet, query } from './support/harness.ts';

const sendOne = ({ a }: Harness, sequence = 1n): Hex => {
  const tx = a.send([packet(sequence)]);
  a.mine();
  return tx;
};

const relay = ({ api }: Harness, tx: Hex): ReturnType<Harness['api']['relay']> =>
  api.relay('a', 'b', query({ sourceTxIds: [tx] }));

describe('attestors that contradict each other', () => {
  const start = withHarness({});

  test('a liar is kept as evidence, also when it answers after the quorum', async () => {
    const harness = await start();
    const [liar] = harness.attestors;
    assert.ok(liar);
    liar.behaviour = 'lies-about-time';
    liar.delayMs = 80;
    const { height } = await relay(harness, sendOne(harness));
    const { evidence } = await harness.event('evidence');
    assert.equal(evidence.verdict, 'minority');
    assert.equal(evidence.height, height.toString());
    assert.equal(evidence.submittable, false);
    assert.deepEqual(misbehaviourProofs(evidence), []);
    const lie = evidence.statements.find(({ matchesOwnReading }) => !matchesOwnReading);
    assert.deepEqual(
      lie?.signatures.map(({ attestor, signer }) => [attestor, signer]),
      [[liar.name, liar.signer]],
    );
    assert.deepEqual(await harness.evidence.list(), [evidence]);
    assert.match(await harness.metrics.metrics(), /contradictions_total{.*verdict="minority".*} 1/);
    // It goes on all the same: fewer than m liars stop nobody.
    await relay(harness, sendOne(harness, 2n));
  });

  test('a statement that contradicts one of an earlier request is found', async () => {
    const harness = await start();
    const [first] = harness.attestors;
    assert.ok(first);
    const tx = sendOne(harness);
    await relay(harness, tx);
    first.behaviour = 'lies-about-time';
    for (const attestor of harness.attestors.slice(1)) attestor.delayMs = 30;
    await relay(harness, tx);
    const { evidence } = await harness.event('evidence');
    const signedTwice = evidence.statements.filter(({ signatures }) =>
      signatures.some(({ signer }) => signer === first.signer),
    );
    assert.ok(signedTwice.length >= 1);
    assert.equal(evidence.kind, 'state');
  });

  test('peers.md #5: two groups with a quorum each: both are shown, nothing is handed out, the evidence freezes', async () => {
    const harness = await start({ n: 6, m: 3 });
    for (const attestor of harness.attestors.slice(0, 3)) attestor.behaviour = 'lies-about-time';
    const tx = sendOne(harness);
    // Either the rivals are seen before the answer is out, or right after it: from then on the client is stopped.
    await relay(harness, tx).catch(() => {});
    const { evidence } = await harness.event('evidence', (event) => event.evidence.verdict === 'two-quorums');
    await harness.event('stopped', ({ reason }) => reason === 'two-quorums');
    await assert.rejects(relay(harness, tx), failsWith('proof-api/route-stopped', /two-quorums/));
    assert.equal(evidence.submittable, true);
    const [first, second, ...more] = misbehaviourProofs(evidence);
    assert.ok(first && second);
    assert.deepEqual(more, []);
    for (const [policy, kind] of [
      [solidityPolicy, 'evm'],
      [ibcGoPolicy, 'cosmos'],
    ] as const) {
      const client = createSnapshotClient({ policy, clientState: harness.client.state, consensusStates: [] });
      const results = misbehaviourProofs(evidence, kind).map((proof) => client.updateClient(hexToBytes(proof)));
      assert.deepEqual(
        results.map((verdict) => verdict.ok && verdict.result),
        ['Update', 'Misbehaviour'],
      );
      assert.equal(client.status(), 'Frozen');
    }
    // It stays stopped: agreement of one of the two groups settles nothing. An operator lets it go on.
    for (const attestor of harness.attestors) attestor.behaviour = 'honest';
    await assert.rejects(relay(harness, tx), failsWith('proof-api/route-stopped'));
    assert.equal(harness.api.resume('a', 'b', DEST_CLIENT), true);
    await relay(harness, tx);
  });

  test('true statements about something else are no contradiction, whoever replays them', async () => {
    const harness = await start();
    const [replayer] = harness.attestors;
    assert.ok(replayer);
    replayer.behaviour = 'answers-other-height';
    replayer.delayMs = 30;
    await relay(harness, sendOne(harness));
    await harness.event('answer', ({ report }) => report.outcome === 'wrong-statement');
    assert.deepEqual(await harness.evidence.list(), []);
  });
});

describe('when the own reading is the one that differs', () => {
  const start = withHarness({});

  test('nobody is blamed: the client stops with evidence, and goes on when the own node agrees again', async () => {
    const harness = await start();
    const tx = sendOne(harness);
    harness.portsA.bend.header = (header) => ({ ...header, timestampSec: header.timestampSec + 5n });
    await assert.rejects(relay(harness, tx), failsWith('proof-api/route-stopped', /quorum-against-own-reading/));
    const { evidence } = await harness.event('evidence');
    assert.equal(evidence.verdict, 'quorum-against-own-reading');
    assert.ok(evidence.statements.every(({ matchesOwnReading }) => !matchesOwnReading));
    const [theirs] = evidence.statements;
    assert.ok(theirs?.proof);
    const { timestampSec } = decodeStateAttestation(decodeAttestationProof(hexToBytes(theirs.proof)).attestationData);
    assert.equal(timestampSec, harness.a.head.timestampSec);
    const { ok, checks } = await harness.api.readiness();
    assert.equal(ok, false);
    assert.match(checks['route a -> b']?.detail ?? '', /stopped: client-b/);
    await assert.rejects(relay(harness, tx), failsWith('proof-api/route-stopped'));
    delete harness.portsA.bend.header;
    await relay(harness, tx);
    await harness.event('resumed');
    assert.equal((await harness.api.readiness()).ok, true);
  });

  test('a lie about a commitment', async () => {
    const harness = await start();
    const forged = { ...packet(1n), timeoutTimestampSec: 1_700_003_999n };
    // The own node shows a packet that the chain does not hold in this form.
    const tx = harness.a.send([forged]);
    harness.a.set({ kind: 'packet', clientId: forged.sourceClient, sequence: 1n }, new Uint8Array(32).fill(3));
    harness.a.mine();
    harness.portsA.bend.commitment = (path, held) => (path.kind === 'packet' ? packetCommitment(forged) : held);
    await assert.rejects(relay(harness, tx), failsWith('proof-api/route-stopped', /quorum-against-own-reading/));
    const { evidence } = await harness.event('evidence');
    assert.equal(evidence.kind, 'packet');
    assert.equal(evidence.submittable, false);
  });

  test('fewer than m cannot stop anything', async () => {
    const harness = await start();
    for (const attestor of harness.attestors.slice(0, 2)) attestor.behaviour = 'lies-about-time';
    for (const attestor of harness.attestors.slice(2)) attestor.delayMs = 40;
    for (let i = 1n; i <= 5n; i++) await relay(harness, sendOne(harness, i));
    assert.deepEqual(
      harness.events.filter(({ type }) => type === 'stopped'),
      [],
    );
  });

  test('a reading that was on a branch that is gone is repeated', async () => {
    const harness = await start();
    const tx = sendOne(harness);
    let bentReads = 1;
    harness.portsA.bend.header = (header) =>
      header.height === harness.a.head.height && bentReads-- > 0
        ? { ...header, hash: `0x${'77'.repeat(32)}`, timestampSec: header.timestampSec + 9n }
        : header;
    const { messages } = await relay(harness, tx);
    assert.equal(messages.length, 1);
    assert.deepEqual(await harness.evidence.list(), []);
  });

  test('a stop belongs to one client: a client with a set of its own stops nobody else', async () => {
    const harness = await start();
    const [evil] = harness.attestors;
    assert.ok(evil);
    harness.b.addClient('client-evil', 'client-a', { attestors: [evil.signer], minRequiredSigs: 1 });
    evil.behaviour = 'lies-about-time';
    const bait = harness.a.send([packet(1n, { destClient: 'client-evil' })]);
    harness.a.mine();
    await assert.rejects(
      harness.api.relay('a', 'b', query({ sourceTxIds: [bait], destClientId: 'client-evil' })),
      failsWith('proof-api/route-stopped'),
    );
    await relay(harness, sendOne(harness, 2n));
  });

  test('a client that holds another time than the own node gives', async () => {
    const harness = await start();
    const tx = sendOne(harness);
    const { height, timestampSec } = harness.a.head;
    harness.client.consensus.set(height, timestampSec + 1n);
    await assert.rejects(relay(harness, tx), failsWith('proof-api/route-stopped', /client-against-own-reading/));
    await assert.rejects(relay(harness, tx), failsWith('proof-api/route-stopped'), 'and stays so');
    harness.client.consensus.delete(height);
    assert.equal(harness.api.resume('a', 'b', DEST_CLIENT), true);
    await relay(harness, tx);
  });

  test('peers.md #13: a set that changes while attestors are asked: the proof of the old one does not leave', async () => {
    const harness = await start();
    const tx = sendOne(harness);
    await relay(harness, tx);
    for (const attestor of harness.attestors) attestor.delayMs = 60;
    const pending = relay(harness, tx);
    await harness.event('collected');
    const [, , , fourth, fifth] = harness.attestors;
    assert.ok(fourth && fifth);
    harness.client.state = { ...harness.client.state, attestors: [fourth.signer, fifth.signer], minRequiredSigs: 2 };
    const calls = decodeTx((await pending).tx);
    const signers = signersOf('packet', calls.at(-1)?.proof ?? assert.fail('no proof'));
    assert.deepEqual(new Set(signers), new Set([fourth.signer, fifth.signer]));
  });

  test('a client that freezes while attestors are asked', async () => {
    const harness = await start();
    const tx = sendOne(harness);
    for (const attestor of harness.attestors) attestor.delayMs = 60;
    const pending = relay(harness, tx);
    harness.client.state = { ...harness.client.state, isFrozen: true };
    await assert.rejects(pending, failsWith('proof-api/client-frozen'));
  });
});

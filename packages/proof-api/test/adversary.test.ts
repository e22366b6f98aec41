import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAttestorSet } from '@interchain-attestation/core';
import { attestor as proto } from '@interchain-attestation/proto';
import { createGrpcClient } from '@interchain-attestation/service';
import { Attestor } from '../src/attestors/attestor.ts';
import { collect } from '../src/attestors/collect.ts';
import { Heads } from '../src/attestors/heads.ts';
import { heightCandidates } from '../src/domain/height.ts';
import { stateStatement } from '../src/domain/statement.ts';
import { parseRelayByTx } from '../src/rpc/parse.ts';
import { failsWith, txOf, withHarness } from './support/expect.ts';
import { DEST_CLIENT, type Harness, packet, packets, query } from './support/harness.ts';

const sendOne = ({ a }: Harness, sequence = 1n) => {
  const tx = a.send([packet(sequence)]);
  a.mine();
  return tx;
};
const relay = (harness: Harness, tx: `0x${string}`) => harness.api.relay('a', 'b', query({ sourceTxIds: [tx] }));
const CALL = { signal: new AbortController().signal, peer: 'test' };
const updateClient = ({ api }: Harness) =>
  api.service.updateClient(
    { $typeName: 'proofapi.UpdateClientRequest', srcChain: 'a', dstChain: 'b', dstClientId: DEST_CLIENT },
    CALL,
  );
const createClient = ({ api }: Harness, attestors: readonly string[], m: number) => {
  const parameters: Record<string, string> = {
    attestor_addresses: attestors.join(','),
    min_required_sigs: String(m),
    allow_single_attestor: String(attestors.length === 1),
  };
  return api.service.createClient(
    { $typeName: 'proofapi.CreateClientRequest', srcChain: 'a', dstChain: 'b', parameters },
    CALL,
  );
};

describe('heights of liars', () => {
  const start = withHarness({});

  test('a set is never asked for height 0, whatever m-1 of it report', async () => {
    const harness = await start({ config: { heightPollMs: 60_000 } });
    const [first, second, ...honest] = harness.attestors;
    assert.ok(first && second);
    for (const liar of [first, second]) liar.reports = 0n;
    for (const each of honest) each.delayMs = 40;
    const tx = txOf(await createClient(harness, harness.client.state.attestors, 3));
    // Constructor arguments end with: height, timestamp, role manager, then the dynamic array.
    const words = Buffer.from(tx).toString('hex');
    const finalized = harness.a.finalized.height.toString(16).padStart(64, '0');
    assert.ok(words.includes(finalized), 'the newest final height');
  });

  test('a report of 2^64-1, and one that goes back, move nothing', async () => {
    const harness = await start();
    const [first, second] = harness.attestors;
    assert.ok(first && second);
    for (const reports of [2n ** 64n - 1n, 1n, 2n ** 64n - 1n, 0n]) {
      first.reports = reports;
      second.reports = reports;
      harness.a.mine();
      const { asked } = first;
      const before = asked.height;
      await harness.event('attestor-height', ({ height }) => height === reports && asked.height >= before);
      await updateClient(harness);
      await relay(harness, sendOne(harness, harness.a.head.height));
    }
  });

  test('the candidates reach down to a height that m honest attestors have, with m-1 liars above', () => {
    const honest = Array.from({ length: 7 }, (_, i) => 100n - BigInt(i));
    const liars = Array.from({ length: 6 }, () => 2n ** 64n - 1n);
    const candidates = heightCandidates({
      need: 50n,
      finalized: 200n,
      reports: [...liars, ...honest],
      minRequiredSigs: 7,
      recentBlocks: 0n,
    });
    assert.ok(candidates.length <= 4, String(candidates));
    assert.ok(candidates.includes(94n), String(candidates));
    assert.equal(candidates[0], 100n);
  });
});

describe('what nobody has to be asked for', () => {
  const start = withHarness({});

  test('an update to a height that the client has just been given is refused, not made empty', async () => {
    const harness = await start();
    await updateClient(harness);
    const { height, timestampSec } = harness.a.finalized;
    // Another relayer was faster; the client's latest height is remembered from before.
    harness.client.consensus.set(height, timestampSec);
    await assert.rejects(updateClient(harness), failsWith('proof-api/up-to-date'));
  });

  test('a collection that asks nobody leaves the probe of an attestor to the next one', async () => {
    const harness = await start({ config: { breakerFailures: 1, breakerOpenMs: 1, heightPollMs: 60_000 } });
    const route = { signal: AbortSignal.abort(), finalityWaitMs: 0 };
    const [attestor] = harness.attestors;
    assert.ok(attestor);
    const client = createGrpcClient(proto.AttestationService, { address: attestor.address });
    let nowMs = 0;
    const breaker = { failures: 1, openMs: 1, maxOpenMs: 1 };
    const options = { timeoutMs: 1_000, maxInFlight: 4, breaker };
    const one = new Attestor({ name: 'one', address: attestor.address }, client, options, () => nowMs);
    one.breaker.failure();
    nowMs = 10;
    const heads = new Heads(harness.portsA.events);
    const set = createAttestorSet([attestor.signer], 1);
    const about = { set, attestors: [one], heads };
    const gone = await collect({ ...about, statements: [stateStatement(1n, 1n)], ...route });
    assert.equal(gone.kind, 'cancelled');
    const none = await collect({ ...about, statements: [], ...route, signal: new AbortController().signal });
    assert.equal(none.kind, 'quorum');
    assert.equal(one.breaker.tryPass(), true, 'the probe is still to be had');
    heads.close();
    one.close();
  });
});

describe('one reading that lies once', () => {
  const start = withHarness({});

  test('a destination node that gives another time once stops nobody', async () => {
    const harness = await start();
    const tx = sendOne(harness);
    const { height, timestampSec } = harness.a.finalized;
    harness.client.consensus.set(height, timestampSec);
    const { clients } = harness.portsB;
    const honest = clients.consensusTimestamps.bind(clients);
    let lies = 1;
    Object.assign(clients, {
      consensusTimestamps: async (...args: Parameters<typeof honest>) => {
        const answer = await honest(...args);
        return lies-- > 0 ? answer.map((each) => (each === undefined ? each : each + 9n)) : answer;
      },
    });
    assert.equal((await relay(harness, tx)).messages.length, 1);
    assert.equal(harness.events.filter(({ type }) => type === 'stopped').length, 0);
  });

  test('a destination node that lied about the time of a height ends the stop when it tells the truth', async () => {
    const harness = await start();
    const tx = sendOne(harness);
    const { height, timestampSec } = harness.a.finalized;
    harness.client.consensus.set(height, timestampSec + 9n);
    await assert.rejects(relay(harness, tx), failsWith('proof-api/route-stopped', /client-against-own-reading/));
    harness.client.consensus.set(height, timestampSec);
    assert.equal((await relay(harness, tx)).messages.length, 1);
    await harness.event('resumed');
  });

  /** Lets something happen on the destination right after the next consensus timestamp was read. */
  const afterTimestamp = (harness: Harness, change: () => void): void => {
    const { clients } = harness.portsB;
    const honest = clients.consensusTimestamps.bind(clients);
    let isFirst = true;
    Object.assign(clients, {
      consensusTimestamps: async (...args: Parameters<typeof honest>) => {
        const answer = await honest(...args);
        if (isFirst) change();
        isFirst = false;
        return answer;
      },
    });
  };

  test('a client that moves to another contract between two reads is read again', async () => {
    const harness = await start();
    await relay(harness, sendOne(harness));
    const tx = sendOne(harness, 2n);
    const { height, timestampSec } = harness.a.finalized;
    harness.client.consensus.set(height, timestampSec);
    // Same set, another contract, which holds nothing yet: without an update the transaction would fail.
    afterTimestamp(harness, () => {
      harness.client.state = { ...harness.client.state, location: `0x${'77'.repeat(20)}` };
      harness.client.consensus.clear();
    });
    assert.equal((await relay(harness, tx)).updatesClient, true);
  });

  test('a client whose counterparty changes between two reads', async () => {
    const harness = await start();
    await relay(harness, sendOne(harness));
    afterTimestamp(harness, () => {
      harness.client.counterparty = 'client-other';
    });
    await assert.rejects(
      relay(harness, sendOne(harness, 2n)),
      failsWith('proof-api/nothing-to-relay', /wrong-counterparty/),
    );
  });
});

describe('sets of strangers', () => {
  const start = withHarness({});

  test('what members of one set signed makes no quorum of another', async () => {
    const harness = await start();
    const { attestors } = harness.client.state;
    const [liar] = harness.attestors;
    assert.ok(liar);
    await createClient(harness, attestors.slice(1), 3);
    liar.behaviour = 'lies-about-time';
    await createClient(harness, [liar.signer], 1).catch(() => {});
    await harness.api.close();
    for (const evidence of await harness.evidence.list()) {
      assert.notEqual(evidence.verdict, 'two-quorums', JSON.stringify(evidence.statements));
      for (const { signatures } of evidence.statements) {
        for (const { signer } of signatures) assert.ok(evidence.attestors.includes(signer), `${signer} is no member`);
      }
    }
  });

  test('a set of more members than any chain would verify is not served', async () => {
    const harness = await start();
    const many = Array.from({ length: 5_000 }, (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}` as const);
    harness.client.state = { ...harness.client.state, attestors: many };
    await assert.rejects(relay(harness, sendOne(harness)), failsWith('proof-api/client-unsupported', /5000/));
    await assert.rejects(createClient(harness, many, 3), failsWith('proof-api/invalid-request', /5000/));
  });

  test('a set that signs one height twice, in different requests, is stopped before the second leaves', async () => {
    const harness = await start();
    const tx = sendOne(harness);
    await relay(harness, tx);
    // All of them, and the own node with them, now say another time.
    harness.portsA.bend.header = (header) => ({ ...header, timestampSec: header.timestampSec + 7n });
    for (const attestor of harness.attestors) attestor.behaviour = 'lies-about-time';
    await assert.rejects(relay(harness, tx), failsWith('proof-api/route-stopped', /two-quorums/));
    const { evidence } = await harness.event('evidence', (event) => event.evidence.verdict === 'two-quorums');
    assert.equal(evidence.submittable, true);
  });
});

describe('requests of strangers', () => {
  const start = withHarness({});

  test('more packets than any transaction takes come back before they are read', async () => {
    const harness = await start();
    const txs = Array.from({ length: 5 }, (_, i) => {
      return harness.a.send(packets(600).map((each) => ({ ...each, sequence: each.sequence + BigInt(i) * 600n })));
    });
    harness.a.mine();
    const before = harness.portsB.calls.get('commitments') ?? 0;
    await assert.rejects(
      harness.api.relay('a', 'b', query({ sourceTxIds: txs })),
      failsWith('proof-api/too-many-packets'),
    );
    assert.equal(harness.portsB.calls.get('commitments') ?? 0, before);
    const few = await harness.api.relay('a', 'b', query({ sourceTxIds: txs, sourceSequences: [7n, 8n, 2_999n] }));
    assert.equal(few.messages.length, 3, 'a filter names the ones meant');
  });

  test('a transaction named twice counts once, and packets of other clients are refused in one short line', async () => {
    const harness = await start();
    const tx = sendOne(harness);
    const twice = await harness.api.relay('a', 'b', query({ sourceTxIds: [tx, tx, tx] }));
    assert.equal(twice.messages.length, 1);
    const other = harness.a.send(packets(300).map((each) => ({ ...each, destClient: `client-${each.sequence}` })));
    harness.a.mine();
    await assert.rejects(
      harness.api.relay('a', 'b', query({ sourceTxIds: [other], sourceClientId: '', destClientId: '' })),
      (error: Error) => failsWith('proof-api/invalid-request')(error) && error.message.length < 1_000,
    );
  });

  test('names of any length are refused, not repeated', () => {
    const base = {
      $typeName: 'proofapi.RelayByTxRequest' as const,
      srcChain: 'a',
      dstChain: 'b',
      sourceTxIds: [new Uint8Array(32)],
      timeoutTxIds: [],
      srcClientId: '',
      dstClientId: '',
      srcPacketSequences: [],
      dstPacketSequences: [],
    };
    for (const change of [{ srcClientId: 'x'.repeat(100_000) }, { dstClientId: 'x'.repeat(100_000) }]) {
      assert.throws(
        () => parseRelayByTx({ ...base, ...change }),
        (error: Error) => failsWith('proof-api/invalid-request')(error) && error.message.length < 1_000,
      );
    }
  });

  test('the filters never let a packet of another client through', async () => {
    const harness = await start();
    const tx = harness.a.send([
      packet(1n),
      packet(2n, { destClient: 'client-x' }),
      packet(3n, { sourceClient: 'client-y' }),
    ]);
    harness.a.mine();
    const { messages } = await relay(harness, tx);
    assert.deepEqual(messages, [{ kind: 'receive', sequence: 1n }]);
  });
});

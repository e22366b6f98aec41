import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodePacketAttestation, decodeStateAttestation, utf8ToBytes } from '@interchain-attestation/core';
import { ProofApiError } from '../src/index.ts';
import { decodeTx, signersOf } from './support/decode-tx.ts';
import { failsWith, withHarness } from './support/expect.ts';
import { DEST_CLIENT, packet, packets, query, SOURCE_CLIENT } from './support/harness.ts';

const ACK = utf8ToBytes('{"result":"AQ=="}');

describe('what a transaction is made of', () => {
  const start = withHarness({});

  test('a receive: update, then the packet, with exactly m signatures of distinct members each', async () => {
    const { a, api, client } = await start();
    const tx = a.send([packet(1n)]);
    const { height } = a.mine();
    const result = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    const [update, receive, ...rest] = decodeTx(result.tx);
    assert.deepEqual(rest, []);
    assert.equal(update?.name, 'updateClient');
    assert.equal(receive?.name, 'recvPacket');
    assert.equal(receive?.height, height);
    assert.ok(update?.proof && receive?.proof);
    assert.deepEqual(decodeStateAttestation(update.proof.attestationData), {
      height,
      timestampSec: a.header(height)?.timestampSec,
    });
    for (const [kind, proof] of [['state', update.proof] as const, ['packet', receive.proof] as const]) {
      const signers = signersOf(kind, proof);
      assert.equal(new Set(signers).size, 3);
      assert.ok(signers.every((signer) => client.state.attestors.includes(signer as `0x${string}`)));
    }
    assert.deepEqual(result.messages, [{ kind: 'receive', sequence: 1n }]);
    assert.equal(result.address, '0x5FbDB2315678afecb367f032d93F642f64180aa3');
  });

  test('the update is left out when the client holds the height', async () => {
    const { a, api, client } = await start();
    const tx = a.send([packet(1n)]);
    const { height, timestampSec } = a.mine();
    client.consensus.set(height, timestampSec);
    const result = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    assert.equal(result.updatesClient, false);
    assert.deepEqual(
      decodeTx(result.tx).map(({ name }) => name),
      ['recvPacket'],
    );
  });

  test('peers.md #11: a batch carries one full proof, then empty ones, where the client announces it', async () => {
    const { a, api } = await start();
    const tx = a.send(packets(75));
    a.mine();
    const result = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    const calls = decodeTx(result.tx);
    assert.equal(calls.length, 76);
    const proofs = calls.slice(1).map(({ proof }) => proof);
    assert.equal(proofs.filter((proof) => proof !== undefined).length, 1);
    assert.equal(decodePacketAttestation(proofs[0]?.attestationData ?? new Uint8Array()).packets.length, 75);
    assert.ok(result.tx.length < 131_072, `${result.tx.length} bytes`);
  });

  test('a packet larger than attestors take waits for higher limits: it is not undeliverable, which is for ever', async () => {
    const [payload] = packet(1n).payloads;
    assert.ok(payload);
    const payloads = [{ ...payload, value: new Uint8Array(100_000) }];
    const ask = async (kind: string, maxPacketBytes: number): Promise<unknown> => {
      const { a, b, api } = await start({ config: { maxPacketBytes } });
      const forth = a.send([{ ...packet(1n), payloads }]);
      const acked = { ...packet(7n, { reversed: true }), payloads };
      const late = { ...packet(8n, { reversed: true, timeoutTimestampSec: 1_700_000_012n }), payloads };
      const back = b.send([acked, late]);
      b.mine();
      const acks = a.receive([acked], ACK);
      for (let i = 0; i < 4; i++) a.mine();
      if (kind === 'timeout') return api.relay('a', 'b', query({ timeoutTxIds: [back], destSequences: [8n] }));
      return api.relay('a', 'b', query({ sourceTxIds: [kind === 'receive' ? forth : acks] }));
    };
    for (const kind of ['receive', 'acknowledge', 'timeout']) {
      await assert.rejects(ask(kind, 90_000), failsWith('proof-api/packet-too-large', /too-large/), kind);
      await ask(kind, 110_000);
    }
  });

  test('receives, acknowledgements and timeouts of one call travel together, at one height', async () => {
    const { a, b, api } = await start();
    const sends = a.send([packet(1n), packet(2n)]);
    const acked = packet(7n, { reversed: true });
    const late = packet(8n, { reversed: true, timeoutTimestampSec: 1_700_000_012n });
    const back = b.send([acked, late]);
    b.mine();
    const acks = a.receive([acked], ACK);
    for (let i = 0; i < 4; i++) a.mine();
    const result = await api.relay(
      'a',
      'b',
      query({ sourceTxIds: [sends, acks], timeoutTxIds: [back], destSequences: [7n, 8n] }),
    );
    const calls = decodeTx(result.tx);
    assert.deepEqual(
      calls.map(({ name, sequence }) => [name, sequence]),
      [
        ['updateClient', undefined],
        ['recvPacket', 1n],
        ['recvPacket', 2n],
        ['ackPacket', 7n],
        ['timeoutPacket', 8n],
      ],
    );
    assert.equal(new Set(calls.slice(1).map(({ height }) => height)).size, 1);
    // The timeout of packet 7 was asked for as well, and its time has not come.
    assert.deepEqual(
      result.leftOut.map(({ item, reason }) => [item.kind, item.packet.sequence, reason]),
      [['timeout', 7n, 'not-timed-out']],
    );
  });

  test('a timeout is proven at the lowest height whose time has passed it', async () => {
    const { a, b, api } = await start();
    const late = packet(1n, { reversed: true, timeoutTimestampSec: 1_700_000_030n });
    const tx = b.send([late]);
    b.mine();
    for (let i = 0; i < 60; i++) a.mine();
    const { height } = await api.relay('a', 'b', query({ timeoutTxIds: [tx] }));
    assert.equal(a.header(height)?.timestampSec, 1_700_000_030n);
  });

  test('sequence and client filters choose among the packets of a transaction', async () => {
    const { a, api } = await start();
    const tx = a.send([...packets(5), packet(9n, { destClient: 'client-other' })]);
    a.mine();
    const chosen = await api.relay('a', 'b', query({ sourceTxIds: [tx], sourceSequences: [2n, 4n, 9n] }));
    assert.deepEqual(
      chosen.messages.map(({ sequence }) => sequence),
      [2n, 4n],
    );
    await assert.rejects(
      api.relay('a', 'b', query({ sourceTxIds: [tx], sourceClientId: '', destClientId: '' })),
      failsWith('proof-api/invalid-request', /several pairs of clients/),
    );
    const named = await api.relay('a', 'b', query({ sourceTxIds: [tx], sourceClientId: '' }));
    assert.equal(named.messages.length, 5);
  });
});

describe('packets that cannot be proven any more', () => {
  const start = withHarness({});

  test('are left out and named, and the others travel', async () => {
    const { a, b, api } = await start();
    const all = packets(5);
    const expired = packet(6n, { timeoutTimestampSec: 1_700_000_002n });
    const forged = { ...packet(7n), timeoutTimestampSec: 1_700_003_601n };
    const tx = a.send([...all, expired, forged]);
    a.mine();
    b.receive([all[0] ?? packet(1n)], ACK);
    b.mine();
    a.set({ kind: 'packet', clientId: SOURCE_CLIENT, sequence: 2n }, undefined);
    a.set({ kind: 'packet', clientId: SOURCE_CLIENT, sequence: 7n }, new Uint8Array(32).fill(9));
    a.mine();
    const later = a.send([packet(8n)]);
    a.mine();
    const result = await api.relay('a', 'b', query({ sourceTxIds: [tx, later] }));
    assert.deepEqual(
      result.messages.map(({ sequence }) => sequence),
      [3n, 4n, 5n, 8n],
    );
    assert.deepEqual(
      result.leftOut.map(({ item, reason }) => [item.packet.sequence, reason]),
      [
        [1n, 'already-received'],
        [6n, 'expired'],
        [2n, 'commitment-gone'],
        [7n, 'commitment-mismatch'],
      ],
    );
  });

  test('an acknowledgement whose packet is done on the other side', async () => {
    const { a, b, api } = await start();
    const done = packet(1n, { reversed: true });
    b.send([done]);
    b.mine();
    const tx = a.receive([done], ACK);
    a.mine();
    b.set({ kind: 'packet', clientId: DEST_CLIENT, sequence: 1n }, undefined);
    b.mine();
    await assert.rejects(
      api.relay('a', 'b', query({ sourceTxIds: [tx] })),
      failsWith('proof-api/nothing-to-relay', /acknowledge 1: already-completed/),
    );
  });

  test('a packet to a client that has another counterparty', async () => {
    const { a, api, client } = await start();
    client.counterparty = 'client-elsewhere';
    const tx = a.send([packet(1n)]);
    a.mine();
    await assert.rejects(
      api.relay('a', 'b', query({ sourceTxIds: [tx] })),
      failsWith('proof-api/nothing-to-relay', /wrong-counterparty/),
    );
  });

  test('a timeout before its time', async () => {
    const { a, b, api } = await start();
    const tx = b.send([packet(1n, { reversed: true })]);
    b.mine();
    a.mine();
    await assert.rejects(
      api.relay('a', 'b', query({ timeoutTxIds: [tx] })),
      failsWith('proof-api/not-final', /not-timed-out/),
    );
  });

  test('a transaction that is unknown, or holds no packet for the route', async () => {
    const { a, api } = await start();
    await assert.rejects(
      api.relay('a', 'b', query({ sourceTxIds: [`0x${'ab'.repeat(32)}`] })),
      failsWith('proof-api/tx-not-found'),
    );
    const tx = a.send([packet(1n, { sourceClient: 'client-x', destClient: 'client-y' })]);
    a.mine();
    await assert.rejects(api.relay('a', 'b', query({ sourceTxIds: [tx] })), failsWith('proof-api/nothing-to-relay'));
  });

  test('a frozen client', async () => {
    const { a, api, client } = await start();
    client.state = { ...client.state, isFrozen: true };
    const tx = a.send([packet(1n)]);
    a.mine();
    await assert.rejects(api.relay('a', 'b', query({ sourceTxIds: [tx] })), failsWith('proof-api/client-frozen'));
  });
});

describe('destinations that take no empty proofs', () => {
  const start = withHarness({ once: false });

  test('peers.md #11: lists of about m entries keep calldata linear', async () => {
    const { a, api } = await start();
    const tx = a.send(packets(40));
    a.mine();
    const sizes = await Promise.all(
      [10n, 20n].map(async (count) => {
        const sourceSequences = Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1));
        const result = await api.relay('a', 'b', query({ sourceTxIds: [tx], sourceSequences }));
        const calls = decodeTx(result.tx).slice(1);
        for (const { proof } of calls) {
          assert.ok(proof !== undefined);
          assert.ok(decodePacketAttestation(proof.attestationData).packets.length <= 3);
        }
        return result.tx.length;
      }),
    );
    const [ten = 0, twenty = 0] = sizes;
    assert.ok(twenty < 2.05 * ten, `${ten} bytes for 10 packets, ${twenty} for 20`);
  });
});

describe('limits of the destination', () => {
  const start = withHarness({ once: false, maxTxBytes: 20_000 });

  test('peers.md #16: a transaction is never larger than the chain takes; the error says how many packets fit', async () => {
    const { a, api } = await start();
    const tx = a.send(packets(40));
    a.mine();
    let fits = 0;
    await assert.rejects(api.relay('a', 'b', query({ sourceTxIds: [tx] })), (error: unknown) => {
      assert.ok(error instanceof ProofApiError);
      assert.equal(error.code, 'proof-api/too-many-packets');
      fits = Number(error.meta.fits);
      return true;
    });
    assert.ok(fits > 0 && fits < 40, `${fits}`);
    const sourceSequences = Array.from({ length: fits }, (_, i) => BigInt(i + 1));
    const { tx: bytes } = await api.relay('a', 'b', query({ sourceTxIds: [tx], sourceSequences }));
    assert.ok(bytes.length <= 20_000);
  });
});

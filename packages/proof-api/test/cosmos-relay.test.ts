import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodePacketAttestation, decodeStateAttestation, utf8ToBytes } from '@interchain-attestation/core';
import { ProofApiError } from '../src/index.ts';
import { decodeBody } from './support/decode-body.ts';
import { signersOf } from './support/decode-tx.ts';
import { failsWith, withHarness } from './support/expect.ts';
import { packet, packets, query } from './support/harness.ts';

const ACK = utf8ToBytes('{"result":"AQ=="}');
const SIGNER = 'cosmos1zg69v7yszg69v7yszg69v7yszg69v7ys8xdv96';
const TO_COSMOS = { kinds: { a: 'evm', b: 'cosmos' }, once: false } as const;
const TO_EVM = { kinds: { a: 'cosmos', b: 'evm' } } as const;

/** A packet with two payloads, as an ibc-go chain may come to send. */
const double = (sequence: bigint, change: Parameters<typeof packet>[1] = {}) => {
  const single = packet(sequence, change);
  return { ...single, payloads: [...single.payloads, ...single.payloads] };
};

describe('a transaction for a Cosmos chain', () => {
  const start = withHarness(TO_COSMOS);

  test('a receive: MsgUpdateClient, then MsgRecvPacket, with exactly m signatures of distinct members each', async () => {
    const { a, api, client } = await start();
    const sent = packet(1n);
    const tx = a.send([sent]);
    const { height } = a.mine();
    const result = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    assert.equal(result.address, '');
    const [update, receive, ...rest] = decodeBody(result.tx);
    assert.deepEqual(rest, []);
    assert.ok(update !== undefined && receive !== undefined);
    assert.deepEqual([update.name, update.clientId], ['update', 'client-b']);
    assert.deepEqual(decodeStateAttestation(update.proof.attestationData), {
      height,
      timestampSec: a.header(height)?.timestampSec,
    });
    assert.deepEqual(receive.packet, sent);
    assert.deepEqual(receive.height, { revisionNumber: 0n, revisionHeight: height });
    for (const [kind, { proof }] of [['state', update] as const, ['packet', receive] as const]) {
      const signers = signersOf(kind, proof);
      assert.equal(new Set(signers).size, 3);
      assert.ok(signers.every((signer) => client.state.attestors.includes(signer as `0x${string}`)));
    }
    assert.deepEqual([update.signer, receive.signer], ['', ''], 'left to whoever sends it');
  });

  test('names the account of the configuration, where there is one', async () => {
    const { a, api } = await start({ config: { signers: { b: SIGNER } } });
    const tx = a.send([packet(1n)]);
    a.mine();
    const messages = decodeBody((await api.relay('a', 'b', query({ sourceTxIds: [tx] }))).tx);
    assert.deepEqual(
      messages.map(({ signer }) => signer),
      [SIGNER, SIGNER],
    );
  });

  test('the update is left out when the client holds the height', async () => {
    const { a, api, client } = await start();
    const tx = a.send([packet(1n)]);
    const { height, timestampSec } = a.mine();
    client.consensus.set(height, timestampSec);
    const result = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    assert.equal(result.updatesClient, false);
    assert.deepEqual(
      decodeBody(result.tx).map(({ name }) => name),
      ['receive'],
    );
  });

  test('acknowledgements and timeouts, several payloads and all', async () => {
    const { a, b, api } = await start();
    const acked = double(7n, { reversed: true });
    const late = double(8n, { reversed: true, timeoutTimestampSec: 1_700_000_012n });
    const back = b.send([late]);
    b.send([acked]);
    b.mine();
    const sends = a.send([double(1n)]);
    const acks = a.receive([acked], [ACK, Uint8Array.of(2)]);
    for (let i = 0; i < 4; i++) a.mine();
    const result = await api.relay('a', 'b', query({ sourceTxIds: [sends, acks], timeoutTxIds: [back] }));
    const messages = decodeBody(result.tx);
    assert.deepEqual(
      messages.map(({ name, packet: about }) => [name, about?.sequence]),
      [
        ['update', undefined],
        ['receive', 1n],
        ['acknowledge', 7n],
        ['timeout', 8n],
      ],
    );
    assert.deepEqual(messages[1]?.packet, double(1n));
    assert.deepEqual(messages[2]?.acknowledgements, [ACK, Uint8Array.of(2)]);
    assert.deepEqual(result.leftOut, []);
  });

  test('peers.md #11: every message carries its proof, and lists of about m entries keep them linear', async () => {
    const { a, api } = await start();
    const tx = a.send(packets(40));
    a.mine();
    const sizes = await Promise.all(
      [10n, 20n].map(async (count) => {
        const sourceSequences = Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1));
        const { tx: body } = await api.relay('a', 'b', query({ sourceTxIds: [tx], sourceSequences }));
        for (const { proof } of decodeBody(body).slice(1)) {
          const { packets: listed } = decodePacketAttestation(proof.attestationData);
          assert.ok(listed.length >= 1 && listed.length <= 3);
        }
        return body.length;
      }),
    );
    const [ten = 0, twenty = 0] = sizes;
    assert.ok(twenty < 2.05 * ten, `${ten} bytes for 10 packets, ${twenty} for 20`);
  });

  test('a frozen client, another counterparty, a client that nobody knows', async () => {
    const { a, b, api, client } = await start({ config: { clientCacheMs: 0 } });
    const tx = a.send([packet(1n)]);
    a.mine();
    const relay = () => api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    client.counterparty = 'client-elsewhere';
    await assert.rejects(relay(), failsWith('proof-api/nothing-to-relay', /wrong-counterparty/));
    client.counterparty = 'client-a';
    client.state = { ...client.state, isFrozen: true };
    await assert.rejects(relay(), failsWith('proof-api/client-frozen'));
    b.clients.delete('client-b');
    await assert.rejects(relay(), failsWith('proof-api/client-not-found'));
  });

  test('lying attestors: a minority changes nothing, without a quorum nothing leaves', async () => {
    const { a, api, attestors } = await start();
    const tx = a.send([packet(1n)]);
    a.mine();
    const relay = () => api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    for (const liar of attestors.slice(0, 2)) liar.behaviour = 'lies-about-commitments';
    const honest = new Set(attestors.slice(2).map(({ signer }) => signer as string));
    const [, receive] = decodeBody((await relay()).tx);
    assert.ok(receive !== undefined);
    assert.ok(signersOf('packet', receive.proof).every((signer) => honest.has(signer)));
    for (const other of attestors.slice(2, 3)) other.behaviour = 'refuses';
    await assert.rejects(relay(), failsWith('proof-api/quorum-not-reached', /attestor-0/));
  });
});

describe('limits of a Cosmos chain', () => {
  const start = withHarness({ ...TO_COSMOS, maxTxBytes: 20_000, maxTxGas: 50_000_000n });

  const fitsOf = async (run: () => Promise<unknown>): Promise<number> => {
    let fits = 0;
    await assert.rejects(run, (error: unknown) => {
      assert.ok(error instanceof ProofApiError);
      assert.equal(error.code, 'proof-api/too-many-packets');
      fits = Number(error.meta.fits);
      return true;
    });
    return fits;
  };
  const firstOf = (count: number): bigint[] => Array.from({ length: count }, (_, i) => BigInt(i + 1));

  test('peers.md #16: the error says how many packets fit by size, and that many do', async () => {
    const { a, api } = await start();
    const tx = a.send(packets(40));
    a.mine();
    const fits = await fitsOf(() => api.relay('a', 'b', query({ sourceTxIds: [tx] })));
    assert.ok(fits > 0 && fits < 40, `${fits}`);
    const some = await api.relay('a', 'b', query({ sourceTxIds: [tx], sourceSequences: firstOf(fits) }));
    assert.ok(some.tx.length <= 20_000);
  });

  test('and by gas', async () => {
    const { a, api } = await start({ maxTxGas: 500_000n, maxTxBytes: 480_000 });
    const tx = a.send(packets(40));
    a.mine();
    const fits = await fitsOf(() => api.relay('a', 'b', query({ sourceTxIds: [tx] })));
    assert.ok(fits > 0 && fits < 40, `${fits}`);
    await api.relay('a', 'b', query({ sourceTxIds: [tx], sourceSequences: firstOf(fits) }));
  });
});

describe('packets of several payloads towards an EVM chain', () => {
  const start = withHarness(TO_EVM);

  test('are left out with a reason of their own, and the others travel', async () => {
    const { a, api } = await start();
    const tx = a.send([packet(1n), double(2n), packet(3n)]);
    a.mine();
    const result = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    assert.deepEqual(
      result.messages.map(({ sequence }) => sequence),
      [1n, 3n],
    );
    assert.deepEqual(
      result.leftOut.map(({ item, reason }) => [item.packet.sequence, reason]),
      [[2n, 'multi-payload']],
    );
  });

  test('alone, the error tells that waiting will not help', async () => {
    const { a, api } = await start();
    const tx = a.send([double(2n)]);
    a.mine();
    await assert.rejects(
      api.relay('a', 'b', query({ sourceTxIds: [tx] })),
      failsWith('proof-api/undeliverable', /receive 2: multi-payload/),
    );
  });
});

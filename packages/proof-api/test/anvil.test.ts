import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Hex, hexToBytes } from '@interchain-attestation/core';
import { proofApi } from '@interchain-attestation/proto';
import { createGrpcClient, type RpcClient } from '@interchain-attestation/service';
import { parseProofApiConfig, type RunningProofApi, startProofApi } from '../src/index.ts';
import { type AnvilChain, startAnvilChain, submit } from './support/anvil-chain.ts';
import { decodeTx } from './support/decode-tx.ts';
import { failsWith } from './support/expect.ts';
import { query } from './support/harness.ts';
import { type RealAttestors, startRealAttestors } from './support/real-attestors.ts';

const CLIENT = 'client-0';

describe('two real chains, real contracts, real attestors', () => {
  let a: AnvilChain;
  let b: AnvilChain;
  let attestorsA: RealAttestors;
  let attestorsB: RealAttestors;
  let running: RunningProofApi;
  let client: RpcClient<typeof proofApi.ProofApiService>;
  const both = { sourceClientId: CLIENT, destClientId: CLIENT };

  before(async () => {
    [a, b] = await Promise.all([startAnvilChain('a', 31_337), startAnvilChain('b', 31_338)]);
    [attestorsA, attestorsB] = await Promise.all([startRealAttestors(a, 3, 0), startRealAttestors(b, 3, 10)]);
    const config = parseProofApiConfig({
      listenAddress: '127.0.0.1:0',
      sources: [
        { chain: 'a', attestors: attestorsA.endpoints },
        { chain: 'b', attestors: attestorsB.endpoints },
      ],
      routes: [
        { source: 'a', dest: 'b' },
        { source: 'b', dest: 'a' },
      ],
    });
    running = await startProofApi({ chains: [a.chain, b.chain] }, config);
    client = createGrpcClient(proofApi.ProofApiService, { address: `127.0.0.1:${running.port}` });
    for (const [src, dst, attestors] of [
      [a, b, attestorsA],
      [b, a, attestorsB],
    ] as const) {
      const { tx } = await client.createClient({
        srcChain: src.name,
        dstChain: dst.name,
        parameters: { attestor_addresses: attestors.signers.join(' '), min_required_sigs: '2' },
      });
      await dst.addClient(CLIENT, await dst.deployCode(tx));
    }
  });
  after(async () => {
    client?.close();
    await running?.close();
    await Promise.all([attestorsA, attestorsB].map((each) => each?.close()));
    await Promise.all([a, b].map((each) => each?.stop()));
  });

  const now = async (chain: AnvilChain): Promise<bigint> => (await chain.chain.reader.latestBlock()).timestampSec;

  const relay = async (src: AnvilChain, dst: AnvilChain, ids: { source?: readonly Hex[]; timeouts?: readonly Hex[] }) =>
    client.relayByTx({
      srcChain: src.name,
      dstChain: dst.name,
      srcClientId: CLIENT,
      dstClientId: CLIENT,
      sourceTxIds: (ids.source ?? []).map(hexToBytes),
      timeoutTxIds: (ids.timeouts ?? []).map(hexToBytes),
    });

  test('packets travel there, acknowledgements back', async () => {
    const sent = await a.sendPackets(20, CLIENT, (await now(a)) + 3_600n);
    const there = await relay(a, b, { source: sent });
    assert.equal(decodeTx(there.tx).filter(({ proof }) => proof === undefined).length, 19);
    const received = await submit(b, there);
    assert.equal(received.success, true, received.failure);
    assert.equal(received.events.filter(({ type }) => type === 'write-acknowledgement').length, 20);

    await assert.rejects(
      running.api.relay('a', 'b', query({ ...both, sourceTxIds: sent })),
      failsWith('proof-api/nothing-to-relay', /receive 1: already-received/),
    );
    const back = await submit(a, await relay(b, a, { source: [received.txId] }));
    assert.equal(back.success, true, back.failure);
    assert.equal(back.events.filter(({ type }) => type === 'acknowledge').length, 20);
    await assert.rejects(
      running.api.relay('b', 'a', query({ ...both, sourceTxIds: [received.txId] })),
      failsWith('proof-api/nothing-to-relay', /acknowledge 1: already-completed/),
    );
  });

  test('a packet that nobody received in time is timed out', async () => {
    const timeoutSec = (await now(a)) + 60n;
    const sent = await a.sendPackets(1, CLIENT, timeoutSec);
    await assert.rejects(
      running.api.relay('b', 'a', query({ ...both, timeoutTxIds: sent })),
      failsWith('proof-api/not-final', /not-timed-out/),
    );
    await b.rpc('evm_setNextBlockTimestamp', [Number(timeoutSec)]);
    await b.rpc('evm_mine');
    await b.rpc('evm_mine');
    await assert.rejects(
      running.api.relay('a', 'b', query({ ...both, sourceTxIds: sent })),
      failsWith('proof-api/nothing-to-relay', /expired/),
    );
    const result = await submit(a, await relay(b, a, { timeouts: sent }));
    assert.equal(result.success, true, result.failure);
    assert.deepEqual(
      result.events.map(({ type }) => type),
      ['timeout'],
    );
  });

  test('an update alone', async () => {
    await a.rpc('evm_mine');
    const transaction = await client.updateClient({ srcChain: 'a', dstChain: 'b', dstClientId: CLIENT });
    const { success, failure } = await submit(b, transaction);
    assert.equal(success, true, failure);
    const { latestHeight } = await b.chain.clients.clientState(CLIENT);
    assert.ok(latestHeight > 0n);
    const [timestampSec] = await b.chain.clients.consensusTimestamps(CLIENT, [latestHeight]);
    const [header] = await a.chain.reader.headers([latestHeight]);
    assert.equal(timestampSec, header?.timestampSec);
  });

  test('unknown transactions and clients', async () => {
    await assert.rejects(
      running.api.relay('a', 'b', query({ ...both, sourceTxIds: [`0x${'00'.repeat(31)}01`] })),
      failsWith('proof-api/tx-not-found'),
    );
    const sent = await a.sendPackets(1, CLIENT, (await now(a)) + 3_600n);
    await assert.rejects(
      running.api.relay('a', 'b', query({ ...both, sourceTxIds: sent, destClientId: 'client-9' })),
      failsWith('proof-api/nothing-to-relay'),
    );
    await assert.rejects(client.updateClient({ srcChain: 'a', dstChain: 'b', dstClientId: 'client-9' }), /client-9/);
  });
});

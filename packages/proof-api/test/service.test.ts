import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attestationLightClientArtifact } from '@interchain-attestation/contracts';
import { bytesToHex, type Hex } from '@interchain-attestation/core';
import { proofApi } from '@interchain-attestation/proto';
import {
  createGrpcClient,
  createLocalClient,
  GrpcCode,
  type RpcClient,
  RpcError,
} from '@interchain-attestation/service';
import { decodeDeployData } from 'viem';
import { parseProofApiConfig, type RunningProofApi, startProofApi, toStatus } from '../src/index.ts';
import { decodeTx } from './support/decode-tx.ts';
import { DEST_CLIENT, type Harness, packet, SOURCE_CLIENT, startHarness, txIdBytes } from './support/harness.ts';

const fails = (grpcCode: number, reason: string, text?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RpcError, String(error));
  assert.deepEqual([error.grpcCode, error.reason], [grpcCode, reason], error.message);
  if (text !== undefined) assert.match(error.message, text);
  return true;
};

describe('gRPC service', () => {
  let harness: Harness;
  let running: RunningProofApi;
  let client: RpcClient<typeof proofApi.ProofApiService>;
  const route = { srcChain: 'a', dstChain: 'b' };

  before(async () => {
    harness = await startHarness();
    const config = parseProofApiConfig({
      listenAddress: '127.0.0.1:0',
      httpAddress: '127.0.0.1:0',
      sources: [{ chain: 'a', attestors: harness.attestors.map(({ name, address }) => ({ name, address })) }],
      routes: [{ source: 'a', dest: 'b', clients: [DEST_CLIENT] }],
      attestorTimeoutMs: 8_000,
      finalityWaitMs: 100,
      heightPollMs: 50,
    });
    running = await startProofApi({ chains: [harness.portsA, harness.portsB] }, config);
    client = createGrpcClient(proofApi.ProofApiService, { address: `127.0.0.1:${running.port}` });
  });
  after(async () => {
    client.close();
    await running.close();
    await harness.close();
  });

  const send = (sequence: bigint): Hex => {
    const tx = harness.a.send([packet(sequence)]);
    harness.a.mine();
    return tx;
  };

  test('RelayByTx', async () => {
    const tx = send(1n);
    const { tx: bytes, address } = await client.relayByTx({ ...route, sourceTxIds: [txIdBytes(tx)] });
    assert.deepEqual(
      decodeTx(bytes).map(({ name }) => name),
      ['updateClient', 'recvPacket'],
    );
    assert.equal(address, harness.b.router);
  });

  test('UpdateClient', async () => {
    const { tx } = await client.updateClient({ ...route, dstClientId: DEST_CLIENT });
    assert.deepEqual(
      decodeTx(tx).map(({ name }) => name),
      ['updateClient'],
    );
  });

  const attestors = (): string => harness.attestors.map(({ signer }) => signer).join(',');
  const argsOf = (tx: Uint8Array): readonly unknown[] =>
    decodeDeployData({
      abi: attestationLightClientArtifact.abi,
      bytecode: attestationLightClientArtifact.bytecode,
      data: bytesToHex(tx),
    }).args as readonly unknown[];

  test('CreateClient takes the newest state that a quorum of the new set signs', async () => {
    const parameters = { attestor_addresses: attestors(), min_required_sigs: '3' };
    const { tx, address } = await client.createClient({ ...route, parameters });
    assert.equal(address, '');
    const [, , height, timestampSec] = argsOf(tx);
    assert.equal(harness.a.header(height as bigint)?.timestampSec, timestampSec);
  });

  test('CreateClient refuses a given state that its own node contradicts', async () => {
    const parameters = {
      attestor_addresses: attestors(),
      min_required_sigs: '3',
      height: '3',
      timestamp: '1700000003',
    };
    const right = { ...parameters, timestamp: harness.a.header(3n)?.timestampSec.toString() ?? '' };
    assert.equal(argsOf((await client.createClient({ ...route, parameters: right })).tx)[2], 3n);
    const wrong = { ...parameters, timestamp: '1600000000' };
    await assert.rejects(
      client.createClient({ ...route, parameters: wrong }),
      fails(GrpcCode.InvalidArgument, 'proof-api/invalid-request', /a says/),
    );
  });

  test('Info', async () => {
    const { sourceChain, targetChain, metadata } = await client.info(route);
    assert.deepEqual([sourceChain?.chainId, targetChain?.chainId, targetChain?.ibcVersion], ['a', 'b', '2']);
    assert.equal(targetChain?.ibcContract, harness.b.router);
    assert.match(metadata['attestor.attestor-0'] ?? '', /closed/);
  });

  test('bad input is InvalidArgument, and names the field', async () => {
    const bad = GrpcCode.InvalidArgument;
    const reason = 'proof-api/invalid-request';
    await assert.rejects(client.relayByTx({ ...route }), fails(bad, reason, /both empty/));
    const short = [new Uint8Array(31)];
    await assert.rejects(
      client.relayByTx({ ...route, sourceTxIds: short }),
      fails(bad, reason, /source_tx_ids\[0\]: expected 32 bytes, got 31/),
    );
    const many = Array.from({ length: 1_001 }, () => new Uint8Array(32));
    await assert.rejects(client.relayByTx({ ...route, timeoutTxIds: many }), fails(bad, reason, /at most 1000/));
    await assert.rejects(client.updateClient({ ...route }), fails(bad, reason, /dst_client_id/));
    await assert.rejects(client.createClient({ ...route }), fails(bad, reason, /min_required_sigs is missing/));
    await assert.rejects(
      client.relayByTx({ srcChain: 'b', dstChain: 'a', sourceTxIds: [new Uint8Array(32)] }),
      fails(bad, 'proof-api/unknown-route', /there are: a -> b/),
    );
    const elsewhere = harness.a.send([packet(3n, { destClient: 'client-x' })]);
    harness.a.mine();
    await assert.rejects(
      client.relayByTx({ ...route, sourceTxIds: [txIdBytes(elsewhere)] }),
      fails(bad, reason, /not among those served/),
    );
  });

  test('each failure has its own status and reason', async () => {
    const unknown = { ...route, sourceTxIds: [new Uint8Array(32).fill(7)] };
    await assert.rejects(client.relayByTx(unknown), fails(GrpcCode.NotFound, 'proof-api/tx-not-found'));
    const tx = txIdBytes(send(4n));
    harness.b.receive([packet(4n)], new Uint8Array(1));
    harness.b.mine();
    await assert.rejects(
      client.relayByTx({ ...route, sourceTxIds: [tx] }),
      fails(GrpcCode.NotFound, 'proof-api/nothing-to-relay', /receive 4: already-received/),
    );
    const next = { ...route, sourceTxIds: [txIdBytes(send(5n))] };
    for (const attestor of harness.attestors) attestor.behaviour = 'garbage';
    await assert.rejects(
      client.relayByTx(next),
      fails(GrpcCode.Unavailable, 'proof-api/quorum-not-reached', /attestor-4/),
    );
    for (const attestor of harness.attestors) attestor.behaviour = 'not-final';
    await assert.rejects(client.relayByTx(next), fails(GrpcCode.FailedPrecondition, 'proof-api/not-final'));
    for (const attestor of harness.attestors) attestor.behaviour = 'honest';
    harness.portsB.bend.unavailable = true;
    await assert.rejects(
      client.relayByTx(next),
      fails(GrpcCode.Unavailable, 'proof-api/chain-unavailable', /b is down/),
    );
    harness.portsB.bend.unavailable = false;
    await client.relayByTx(next);
  });

  test('the caller who gives up gets DeadlineExceeded', async () => {
    for (const attestor of harness.attestors) attestor.behaviour = 'hung';
    const tx = txIdBytes(send(6n));
    await assert.rejects(
      client.relayByTx({ ...route, sourceTxIds: [tx] }, { timeoutMs: 50 }),
      (error: unknown) => error instanceof RpcError && error.grpcCode === GrpcCode.DeadlineExceeded,
    );
    for (const attestor of harness.attestors) attestor.behaviour = 'honest';
  });

  test('the same service works without a socket', async () => {
    const local = createLocalClient(proofApi.ProofApiService, running.api.service, { toStatus });
    const { tx } = await local.relayByTx({
      ...route,
      sourceTxIds: [txIdBytes(send(7n))],
      srcClientId: SOURCE_CLIENT,
      dstClientId: DEST_CLIENT,
      srcPacketSequences: [7n],
    });
    assert.equal(decodeTx(tx).length, 2);
  });

  test('/healthz says what works, /metrics counts', async () => {
    const url = `http://127.0.0.1:${running.httpPort}`;
    const health = await fetch(`${url}/healthz`);
    const body = (await health.json()) as { checks: Record<string, { ok: boolean }> };
    assert.equal(health.status, 200, JSON.stringify(body));
    assert.ok(body.checks['chain a']?.ok);
    harness.portsA.bend.unavailable = true;
    assert.equal((await fetch(`${url}/healthz`)).status, 503);
    harness.portsA.bend.unavailable = false;
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const line of [
      /proof_api_request_duration_seconds_count{.*method="RelayByTx",code="Ok"/,
      /proof_api_attestor_answers_total{.*outcome="good"/,
      /proof_api_packets_left_out_total{.*reason="already-received"/,
    ]) {
      assert.ok(line.test(metrics), `no line fits ${line}`);
    }
  });
});

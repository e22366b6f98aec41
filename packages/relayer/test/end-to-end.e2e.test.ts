import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { bytesToHex, type Hex, keccak256, utf8ToBytes } from '@interchain-attestation/core';
import { type Devnet, sendTransfers, startDevnet, untilChainsPass } from '@interchain-attestation/devnet';
import { relayer as proto, skipRelayer } from '@interchain-attestation/proto';
import { createGrpcClient, type RpcClient } from '@interchain-attestation/service';

const PACKET = '(uint64,string,string,uint64,(string,string,string,string,bytes)[])';
const RECEIVED = bytesToHex(keccak256(utf8ToBytes(`WriteAcknowledgement(string,uint256,${PACKET},bytes[])`)));

describe('over real chains, contracts, attestors and proof API', { timeout: 180_000 }, () => {
  let net: Devnet;
  let api: RpcClient<typeof proto.RelayerService>;
  let skip: RpcClient<typeof skipRelayer.RelayerApiService>;

  before(async () => {
    net = await startDevnet({ attestorsPerChain: 3, attestorProcesses: 'chain' });
    const address = net.relayer?.address ?? '';
    api = createGrpcClient(proto.RelayerService, { address, timeoutMs: 5_000 });
    skip = createGrpcClient(skipRelayer.RelayerApiService, { address, timeoutMs: 5_000 });
  });
  after(async () => {
    api?.close();
    skip?.close();
    await net?.close();
  });

  const send = (options: { count?: number; receiver?: string; timeoutSec?: number } = {}): Promise<readonly Hex[]> =>
    sendTransfers({
      chain: net.chains.alpha,
      sender: net.users.alice,
      token: net.chains.alpha.token,
      amount: 1n,
      receiver: net.users.bob.address,
      ...options,
    });

  const recordsOf = async (hashes: readonly Hex[]): Promise<proto.PacketRecord[]> => {
    const { packets } = await api.listPackets({ limit: 1_000 }).catch(() => ({ packets: [] }));
    return packets.filter(({ sendTx }) => hashes.includes(sendTx as Hex));
  };

  /** The relayer's own view is asked until it shows what is waited for; a relayer that is down shows nothing. */
  const until = async (
    hashes: readonly Hex[],
    done: (packet: proto.PacketRecord) => boolean,
  ): Promise<proto.PacketRecord[]> => {
    for (let turn = 0; turn < 4_000; turn++) {
      const records = await recordsOf(hashes);
      if (records.length === hashes.length && records.every(done)) return records;
      await delay(10);
    }
    throw new Error(
      `still waiting: ${JSON.stringify((await recordsOf(hashes)).map(({ state, reason }) => [state, reason]))}`,
    );
  };

  test('a SIGKILL at any stage loses no packet and delivers none twice', async () => {
    const all: Hex[] = [];
    for (const stage of ['final', 'submitted', 'ack-submitted']) {
      const hashes = await send({ count: 3 });
      all.push(...hashes);
      await until(hashes, ({ stateTimesMs }) => stage in stateTimesMs);
      await net.relayer?.process.kill();
      await net.relayer?.process.restart();
    }
    await net.relayer?.process.kill();
    all.push(...(await send({ count: 3 })));
    await net.relayer?.process.restart();
    const records = await until(all, ({ state }) => state === 'acknowledged');
    assert.ok(records.every(({ acknowledgement }) => acknowledgement === 'success'));
    const logs = (await net.chains.beta.rpc('eth_getLogs', [
      { address: net.chains.beta.router, topics: [RECEIVED], fromBlock: '0x0', toBlock: 'latest' },
    ])) as readonly { readonly topics: readonly string[] }[];
    assert.equal(logs.length, all.length);
    assert.equal(new Set(logs.map(({ topics }) => topics[2])).size, all.length);
  });

  test('a packet that expires while the relayer is down is timed out; one that is refused comes back', async () => {
    await net.relayer?.process.kill();
    const late = await send({ timeoutSec: 8 });
    const refused = await send({ receiver: 'nobody at all' });
    await untilChainsPass(net, 8);
    await net.relayer?.process.restart();
    const [gone] = await until(late, ({ state }) => state === 'timed-out');
    assert.equal(gone?.recvTx, '');
    const [back] = await until(refused, ({ state }) => state === 'acknowledged');
    assert.equal(back?.acknowledgement, 'error');
  });

  test('both APIs tell of a packet, and refuse what they do not understand', async () => {
    const [hash] = await send();
    const [record] = await until([hash as Hex], ({ state }) => state === 'acknowledged');
    const chainId = String(net.layout.chains.alpha.chainId);
    const { packetStatuses } = await skip.status({ txHash: hash as Hex, chainId });
    assert.equal(packetStatuses[0]?.state, skipRelayer.TransferState.COMPLETE);
    assert.equal(packetStatuses[0]?.recvTx?.txHash, record?.recvTx);
    await skip.relay({ txHash: (hash as Hex).slice(2).toUpperCase(), chainId });
    const { packets } = await api.tracePackets({ txHash: record?.recvTx ?? '' });
    assert.deepEqual(
      packets.map(({ sendTx }) => sendTx),
      [hash],
    );
    const status = await api.getStatus({});
    assert.ok(
      status.chains.every(
        ({ reachable, cursorHeight, signerBalance }) => reachable && cursorHeight > 0n && signerBalance !== '',
      ),
    );
    assert.deepEqual(
      status.routes.map(({ halted }) => halted),
      [false],
    );
    await assert.rejects(skip.relay({ txHash: '0x12', chainId }), { code: 'rpc/invalid-argument' });
    await assert.rejects(skip.relay({ txHash: hash as Hex, chainId: '7' }), { code: 'rpc/invalid-argument' });
    await assert.rejects(skip.relay({ txHash: `0x${'ab'.repeat(32)}`, chainId }), { code: 'rpc/not-found' });
    await assert.rejects(api.listPackets({ states: ['lost'] }), { code: 'rpc/invalid-argument' });
    await assert.rejects(api.listPackets({ pageToken: 'x' }), { code: 'rpc/invalid-argument' });
    await assert.rejects(api.resumeRoute({ routeId: 'alpha-beta' }), { code: 'rpc/not-found' });
    const health = await fetch(`http://${net.layout.relayerApi.health}/healthz`);
    assert.equal(health.status, 200);
    const metrics = await (await fetch(`http://${net.layout.relayerApi.health}/metrics`)).text();
    assert.match(metrics, /relayer_packets\{state="acknowledged"[^}]*\} \d+/);
    assert.match(metrics, /relayer_signer_balance\{chain="31337"[^}]*\} \d/);
    assert.match(metrics, /relayer_packet_latency_seconds_count\{.*stage="send_to_acknowledge"/);
  });
});

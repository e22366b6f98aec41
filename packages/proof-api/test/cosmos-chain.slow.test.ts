import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ChainReader, ClientReader, EventSource, TxSender } from '@interchain-attestation/chains';
import { bytesToHex, type Hex, hexToBytes, isUniversalErrorAck, signDigest } from '@interchain-attestation/core';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import { encodeProtobufProof } from '@interchain-attestation/light-client';
import { proofApi } from '@interchain-attestation/proto';
import { createLocalClient, type RpcClient } from '@interchain-attestation/service';
import { encodeBody, updateMessage } from '../src/cosmos/messages.ts';
import { stateStatement } from '../src/domain/statement.ts';
import { createProofApi, type ProofApi, parseProofApiConfig, toStatus } from '../src/index.ts';
import { type AnvilChain, PORT, startAnvilChain } from './support/anvil-chain.ts';
import { decodeBody } from './support/decode-body.ts';
import { failsWith } from './support/expect.ts';
import { query } from './support/harness.ts';
import { APP_DATA, APP_PORT, type IbcGoNode, startIbcGoNode } from './support/ibc-go-node.ts';
import { type RealAttestors, startRealAttestors } from './support/real-attestors.ts';
import { testKey } from './support/test-attestor.ts';

const program = await goProgram('ibc-go-chain');
const skip = skipWithout(program);

interface End {
  readonly name: string;
  readonly ports: { readonly reader: ChainReader; readonly clients: ClientReader; readonly events: EventSource };
  readonly sender: TxSender;
  readonly client: string;
}

describe('an EVM chain and a real ibc-go chain', () => {
  let evm: AnvilChain;
  let node: IbcGoNode;
  let attestors: RealAttestors[] = [];
  let api: ProofApi;
  let grpc: RpcClient<typeof proofApi.ProofApiService>;
  const closers: (() => Promise<unknown>)[] = [];
  /** Ends of the three connections: `here` and `there` are two clients of one chain. */
  let ends: Record<'evm' | 'gaia' | 'here' | 'there', End>;

  const create = async (source: string, dest: string, signers: readonly Hex[]): Promise<Uint8Array> => {
    const parameters = { attestor_addresses: signers.join(' '), min_required_sigs: '2' };
    return (await grpc.createClient({ srcChain: source, dstChain: dest, parameters })).tx;
  };
  const createOnGaia = async (source: string, dest: string, signers: readonly Hex[]): Promise<void> => {
    const tx = await create(source, dest, signers);
    const { success, failure } = await node.sender.submit({ tx, address: '' });
    assert.ok(success, failure);
  };

  before(async () => {
    if (skip !== false || !('path' in program)) return;
    [evm, node] = await Promise.all([
      startAnvilChain('evm', 31_337, { args: ['--block-time', '1'] }),
      startIbcGoNode(program.path),
    ]);
    closers.push(
      () => evm.stop(),
      () => node.stop(),
    );
    // One chain under several names: a route needs two, and each has clients of its own.
    const [gaia, here, there] = [node.connect('gaia'), node.connect('here'), node.connect('there')];
    closers.push(
      () => gaia.close(),
      () => here.close(),
      () => there.close(),
    );
    const ofGaia = { name: 'gaia', connect: () => node.connect('gaia') };
    const [ofEvm, ofCosmos] = [await startRealAttestors(evm, 3, 0), await startRealAttestors(ofGaia, 3, 10)];
    attestors = [ofEvm, ofCosmos];
    closers.push(...attestors.map((each) => () => each.close()));
    const config = parseProofApiConfig({
      listenAddress: '127.0.0.1:0',
      sources: [
        { chain: 'evm', attestors: ofEvm.endpoints },
        ...['gaia', 'here', 'there'].map((chain) => ({ chain, attestors: ofCosmos.endpoints })),
      ],
      routes: [
        { source: 'evm', dest: 'gaia' },
        { source: 'gaia', dest: 'evm' },
        { source: 'here', dest: 'there' },
        { source: 'there', dest: 'here' },
      ],
    });
    api = createProofApi({ chains: [evm.chain, gaia, here, there] }, config);
    closers.push(() => api.close());
    grpc = createLocalClient(proofApi.ProofApiService, api.service, { toStatus });

    await createOnGaia('evm', 'gaia', ofEvm.signers);
    await createOnGaia('here', 'there', ofCosmos.signers);
    await createOnGaia('there', 'here', ofCosmos.signers);
    await evm.addClient('attestations-0', await evm.deployCode(await create('gaia', 'evm', ofCosmos.signers)));
    await node.registerCounterparty('attestations-0', 'client-0');
    await node.registerCounterparty('attestations-1', 'attestations-2');
    await node.registerCounterparty('attestations-2', 'attestations-1');
    ends = {
      evm: { name: 'evm', ports: evm.chain, sender: evm.sender, client: 'client-0' },
      gaia: { name: 'gaia', ports: gaia, sender: node.sender, client: 'attestations-0' },
      there: { name: 'there', ports: there, sender: node.sender, client: 'attestations-1' },
      here: { name: 'here', ports: here, sender: node.sender, client: 'attestations-2' },
    };
  });
  after(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const relay = async (from: End, to: End, ids: { sent?: readonly Hex[]; late?: readonly Hex[] }) => {
    const result = await api.relay(
      from.name,
      to.name,
      query({
        sourceTxIds: ids.sent ?? [],
        timeoutTxIds: ids.late ?? [],
        sourceClientId: from.client,
        destClientId: to.client,
      }),
    );
    const receipt = await to.sender.submit(result);
    assert.ok(receipt.success, receipt.failure);
    return { ...receipt, result };
  };
  const kinds = (events: readonly { readonly type: string }[]): string[] => events.map(({ type }) => type);

  test('EVM to Cosmos: packets, and their acknowledgements home', { skip }, async () => {
    const timeout = (await node.nowSec()) + 3_600n;
    const sent = await evm.sendPackets(3, 'client-0', timeout, { destPort: APP_PORT, value: bytesToHex(APP_DATA) });
    const there = await relay(ends.evm, ends.gaia, { sent });
    assert.deepEqual(kinds(there.events), Array(3).fill('write-acknowledgement'));
    assert.deepEqual(
      decodeBody(there.result.tx).map(({ name }) => name),
      ['update', 'receive', 'receive', 'receive'],
    );
    const again = api.relay('evm', 'gaia', query({ sourceTxIds: sent, sourceClientId: '', destClientId: '' }));
    await assert.rejects(again, failsWith('proof-api/nothing-to-relay', /receive 1: already-received/));
    const home = await relay(ends.gaia, ends.evm, { sent: [there.txId] });
    assert.deepEqual(kinds(home.events), Array(3).fill('acknowledge'));
  });

  test('Cosmos to EVM: packets, and their acknowledgements home', { skip }, async () => {
    const sent = await node.sendPackets(3, 'attestations-0', (await node.nowSec()) + 3_600n, PORT);
    const there = await relay(ends.gaia, ends.evm, { sent: [sent.txId] });
    assert.equal(there.events.filter(({ type }) => type === 'write-acknowledgement').length, 3);
    const home = await relay(ends.evm, ends.gaia, { sent: [there.txId] });
    assert.deepEqual(kinds(home.events), Array(3).fill('acknowledge'));
  });

  test('Cosmos to Cosmos: a batch of 30, an error acknowledgement, and all of them home', { skip }, async () => {
    const timeout = (await node.nowSec()) + 3_600n;
    const good = await node.sendPackets(29, 'attestations-2', timeout, APP_PORT);
    const bad = await node.sendPackets(1, 'attestations-2', timeout, APP_PORT, new Uint8Array([1]));
    const there = await relay(ends.here, ends.there, { sent: [good.txId, bad.txId] });
    const written = there.events.filter((event) => event.type === 'write-acknowledgement');
    assert.equal(written.length, 30);
    assert.equal(
      written.filter(({ acknowledgements }) => isUniversalErrorAck(acknowledgements[0] ?? new Uint8Array())).length,
      1,
    );
    // What a batch is taken to cost at the least must stay below what it costs.
    assert.ok(there.gasUsed > BigInt(there.bytes * 10) + 31n * 10_000n, `${there.bytes} bytes, ${there.gasUsed} gas`);
    const home = await relay(ends.there, ends.here, { sent: [there.txId] });
    assert.equal(home.events.filter(({ type }) => type === 'acknowledge').length, 30);
  });

  test('packets that nobody received in time, on both sides', { skip }, async () => {
    const now = await node.nowSec();
    const timeout = now + 12n;
    const [fromEvm, fromGaia, fromHere] = await Promise.all([
      evm.sendPackets(1, 'client-0', timeout, { destPort: APP_PORT, value: bytesToHex(APP_DATA) }),
      node.sendPackets(1, 'attestations-0', timeout, PORT),
      node.sendPackets(1, 'attestations-2', timeout, APP_PORT),
    ]);
    const early = await node.sendPackets(1, 'attestations-0', now + 3_600n, PORT);
    await assert.rejects(
      api.relay('evm', 'gaia', query({ timeoutTxIds: [early.txId], sourceClientId: '', destClientId: '' })),
      failsWith('proof-api/not-final', /not-timed-out/),
    );
    await node.untilTime(timeout + 2n);
    const gone = api.relay('evm', 'gaia', query({ sourceTxIds: fromEvm, sourceClientId: '', destClientId: '' }));
    await assert.rejects(gone, failsWith('proof-api/nothing-to-relay', /expired/));
    assert.deepEqual(kinds((await relay(ends.gaia, ends.evm, { late: fromEvm })).events), ['timeout']);
    assert.deepEqual(kinds((await relay(ends.there, ends.here, { late: [fromHere.txId] })).events), ['timeout']);
    assert.deepEqual(kinds((await relay(ends.evm, ends.gaia, { late: [fromGaia.txId] })).events), ['timeout']);
  });

  test('an update alone, and what Info says', { skip }, async () => {
    const { tx, address } = await grpc.updateClient({
      srcChain: 'evm',
      dstChain: 'gaia',
      dstClientId: 'attestations-0',
    });
    const { success, failure } = await node.sender.submit({ tx, address });
    assert.ok(success, failure);
    const { latestHeight } = await ends.gaia.ports.clients.clientState('attestations-0');
    const [held] = await ends.gaia.ports.clients.consensusTimestamps('attestations-0', [latestHeight]);
    const [header] = await evm.chain.reader.headers([latestHeight]);
    assert.equal(held, header?.timestampSec);
    const info = await grpc.info({ srcChain: 'evm', dstChain: 'gaia' });
    assert.deepEqual([info.metadata.source_kind, info.metadata.dest_kind], ['evm', 'cosmos']);
    assert.deepEqual([info.targetChain?.chainId, info.targetChain?.ibcContract], ['gaia-1', '']);
    assert.equal(info.sourceChain?.ibcContract.toLowerCase(), evm.router);
  });

  test('a client that two contradicting statements froze', { skip }, async () => {
    const timeout = (await node.nowSec()) + 3_600n;
    const sent = await node.sendPackets(1, 'attestations-2', timeout, APP_PORT);
    const contradiction = [timeout, timeout + 1n].map((timestampSec) => {
      const { data: attestationData, digest } = stateStatement(1_000_000n, timestampSec);
      const signatures = [10, 11].map((i) => signDigest(digest, testKey(i)));
      return encodeProtobufProof({ attestationData, signatures });
    });
    for (const proof of contradiction) {
      const tx = encodeBody([updateMessage('attestations-1', proof, '')]);
      const { success, failure } = await node.sender.submit({ tx, address: '' });
      assert.ok(success, failure);
    }
    await assert.rejects(relay(ends.here, ends.there, { sent: [sent.txId] }), failsWith('proof-api/client-frozen'));
    await assert.rejects(
      grpc.updateClient({ srcChain: 'here', dstChain: 'there', dstClientId: 'attestations-1' }),
      /attestations-1 on there is frozen/,
    );
  });

  test('what does not exist there', { skip }, async () => {
    const id = hexToBytes(`0x${'00'.repeat(31)}01`);
    await assert.rejects(
      api.relay('gaia', 'evm', query({ sourceTxIds: [bytesToHex(id)], sourceClientId: '', destClientId: '' })),
      failsWith('proof-api/tx-not-found'),
    );
    await assert.rejects(
      grpc.updateClient({ srcChain: 'evm', dstChain: 'gaia', dstClientId: 'attestations-9' }),
      /attestations-9/,
    );
  });
});

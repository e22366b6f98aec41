import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemorySigner, type TransactionReceipt } from '@interchain-attestation/chains';
import { createEvmChain } from '@interchain-attestation/chains/evm';
import { ics26RouterAbi } from '@interchain-attestation/contracts';
import {
  ackCommitment,
  bytesToHex,
  type CommitmentPath,
  encodeAttestationProof,
  encodePacketAttestation,
  encodeStateAttestation,
  hashPath,
  hexToBytes,
  type Packet,
  packetCommitment,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';
import { type Abi, encodeFunctionData } from 'viem';
import { startAnvil } from '../support/anvil.ts';
import { deployIbc, RELAYER_KEY } from '../support/ibc-contracts.ts';

/** Keys of anvil's second and third account: the attestors of the fixture's client. */
const ATTESTOR_KEYS = [RELAYER_KEY, '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a'].map((key) =>
  hexToBytes(key),
);
const HEIGHT = 10n;

const prove = (kind: 'state' | 'packet', attestationData: Uint8Array): `0x${string}` => {
  const digest = signingDigest(kind, attestationData);
  const signatures = ATTESTOR_KEYS.map((key) => signDigest(digest, key));
  return bytesToHex(encodeAttestationProof({ attestationData, signatures }));
};

const proveValue = (path: CommitmentPath, commitment: Uint8Array): `0x${string}` =>
  prove('packet', encodePacketAttestation({ height: HEIGHT, packets: [{ path: hashPath(path), commitment }] }));

const toAbi = (packet: Packet) => ({
  ...packet,
  timeoutTimestamp: packet.timeoutTimestampSec,
  payloads: packet.payloads.map((payload) => ({ ...payload, value: bytesToHex(payload.value) })),
});

test("every event of a packet's life is read as the router wrote it, from receipts and from ranges", async () => {
  const anvil = await startAnvil();
  const ibc = await deployIbc(anvil);
  const chain = createEvmChain({
    name: 'anvil',
    chainId: '31337',
    rpcUrl: anvil.url,
    router: ibc.router,
    finality: { tag: 'latest' },
  });
  const sender = chain.createSender(createMemorySigner(RELAYER_KEY));
  const submit = async (functionName: string, args: readonly unknown[]): Promise<TransactionReceipt> => {
    const tx = hexToBytes(encodeFunctionData({ abi: ics26RouterAbi as Abi, functionName, args }));
    const receipt = await sender.submit({ tx, address: ibc.router });
    assert.ok(receipt.success, receipt.failure);
    return receipt;
  };
  const proofHeight = { revisionNumber: 0n, revisionHeight: HEIGHT };
  try {
    const { timestampSec: now } = await chain.reader.latestBlock();
    const [sent] = await chain.events.transactionEvents(await ibc.sendPacket('0x01', now + 1_000n));
    const [late] = await chain.events.transactionEvents(await ibc.sendPacket('0x02', now + 1_000n));
    assert.ok(sent && late);
    const incoming: Packet = {
      ...sent.packet,
      sequence: 77n,
      sourceClient: 'client-7',
      destClient: ibc.clientId,
      timeoutTimestampSec: now + 3_000n,
    };
    const state = encodeStateAttestation({ height: HEIGHT, timestampSec: now + 2_000n });
    await submit('updateClient', [ibc.clientId, prove('state', state)]);

    const sentPath: CommitmentPath = { kind: 'packet', clientId: 'client-7', sequence: 77n };
    const proofCommitment = proveValue(sentPath, packetCommitment(incoming));
    const received = await submit('recvPacket', [{ packet: toAbi(incoming), proofCommitment, proofHeight }]);
    const [write] = received.events;
    assert.equal(write?.type, 'write-acknowledgement');
    assert.deepEqual(write.packet, incoming);
    assert.equal(write.acknowledgements.length, 1);

    const acknowledgement = Uint8Array.of(1, 2, 3);
    const ackPath: CommitmentPath = { kind: 'acknowledgement', clientId: 'client-7', sequence: sent.packet.sequence };
    const proofAcked = proveValue(ackPath, ackCommitment([acknowledgement]));
    const acknowledged = await submit('ackPacket', [
      { packet: toAbi(sent.packet), acknowledgement: bytesToHex(acknowledgement), proofAcked, proofHeight },
    ]);
    const [ack] = acknowledged.events;
    assert.equal(ack?.type, 'acknowledge');
    assert.deepEqual(ack.packet, sent.packet);
    assert.deepEqual(ack.acknowledgement, acknowledgement);

    const receiptPath: CommitmentPath = { kind: 'receipt', clientId: 'client-7', sequence: late.packet.sequence };
    const proofTimeout = proveValue(receiptPath, new Uint8Array(32));
    const timedOut = await submit('timeoutPacket', [{ packet: toAbi(late.packet), proofTimeout, proofHeight }]);
    const [timeout] = timedOut.events;
    assert.equal(timeout?.type, 'timeout');
    assert.deepEqual(timeout.packet, late.packet);

    const found = [];
    for await (const { events } of chain.events.events(0n, timedOut.height)) found.push(...events);
    assert.deepEqual(found, [sent, late, write, ack, timeout]);

    const head = await chain.reader.latestBlock();
    const own: CommitmentPath[] = [
      { kind: 'receipt', clientId: ibc.clientId, sequence: 77n },
      { kind: 'acknowledgement', clientId: ibc.clientId, sequence: 77n },
      { kind: 'packet', clientId: ibc.clientId, sequence: sent.packet.sequence },
      { kind: 'packet', clientId: ibc.clientId, sequence: late.packet.sequence },
    ];
    const [receipt, ackValue, afterAck, afterTimeout] = await chain.reader.commitments(head, own);
    assert.ok(receipt);
    assert.deepEqual(ackValue, ackCommitment(write.acknowledgements));
    assert.deepEqual([afterAck, afterTimeout], [undefined, undefined]);

    assert.equal((await chain.clients.clientState(ibc.clientId)).latestHeight, HEIGHT);
    assert.deepEqual(await chain.clients.consensusTimestamps(ibc.clientId, [HEIGHT]), [now + 2_000n]);
  } finally {
    await chain.close();
    await anvil.stop();
  }
});

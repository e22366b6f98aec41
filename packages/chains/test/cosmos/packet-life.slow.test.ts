import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { createMemorySigner, type PacketEvent, type Signer } from '@interchain-attestation/chains';
import {
  ackCommitment,
  encodePacketAttestation,
  encodeStateAttestation,
  hashPath,
  type Packet,
  packetCommitment,
  signingPreimage,
  UNIVERSAL_ERROR_ACK,
} from '@interchain-attestation/core';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import { attestations } from '@interchain-attestation/proto';
import { MsgAcknowledgement, MsgRecvPacket, MsgTimeout } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { type CosmosFixture, startCosmosFixture } from './cosmos-harness.ts';
import { body, createClient, registerCounterparty, sendTransfer } from './ibc-messages.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));
const ATTESTOR: Signer = createMemorySigner(`0x${'44'.repeat(32)}`);
const HEIGHT = 20n;
const CLIENT = 'attestations-1';
const LATER_HEIGHT = 30n;
const proofAt = (revisionHeight: bigint) => ({ revisionNumber: 0n, revisionHeight });
const proofHeight = proofAt(HEIGHT);

const prove = async (kind: 'state' | 'packet', attestationData: Uint8Array): Promise<Uint8Array> =>
  toBinary(
    attestations.AttestationProofSchema,
    create(attestations.AttestationProofSchema, {
      attestationData,
      signatures: [await ATTESTOR.signRecoverable(signingPreimage(kind, attestationData))],
    }),
  );

const provePath = (
  path: Parameters<typeof hashPath>[0],
  commitment: Uint8Array,
  height: bigint = HEIGHT,
): Promise<Uint8Array> =>
  prove('packet', encodePacketAttestation({ height, packets: [{ path: hashPath(path), commitment }] }));

const toProto = (packet: Packet) => ({
  sequence: packet.sequence,
  sourceClient: packet.sourceClient,
  destinationClient: packet.destClient,
  timeoutTimestamp: packet.timeoutTimestampSec,
  payloads: packet.payloads.map(({ sourcePort, destPort, version, encoding, value }) => ({
    sourcePort,
    destinationPort: destPort,
    version,
    encoding,
    value,
  })),
});

describe('The life of packets on ibc-go', () => {
  let fixture: CosmosFixture;
  let signer: string;

  before(async () => {
    if (skip !== false) return;
    fixture = await startCosmosFixture();
    signer = fixture.user.account;
    const { timestampSec } = await fixture.chain.reader.latestBlock();
    const initial = { minRequiredSigs: 1, latestHeight: 5n, timestampSec };
    const made = [
      await fixture.user.submit(body(createClient({ attestors: [ATTESTOR.address], ...initial, signer }))),
      await fixture.user.submit(
        body(registerCounterparty(CLIENT, 'client-9', signer), await updateTo(HEIGHT, timestampSec)),
      ),
    ];
    assert.deepEqual(
      made.map(({ failure }) => failure),
      [undefined, undefined],
    );
    assert.deepEqual(await fixture.chain.clients.consensusTimestamps(CLIENT, [HEIGHT]), [timestampSec]);
  });
  after(() => fixture?.stop());

  const updateTo = async (height: bigint, timestampSec: bigint) => ({
    typeUrl: MsgUpdateClient.typeUrl,
    value: MsgUpdateClient.encode({
      clientId: CLIENT,
      clientMessage: {
        typeUrl: '/ibc.lightclients.attestations.v1.AttestationProof',
        value: await prove('state', encodeStateAttestation({ height, timestampSec })),
      },
      signer,
    }).finish(),
  });
  const submit = async (typeUrl: string, value: Uint8Array): Promise<readonly PacketEvent[]> => {
    const receipt = await fixture.user.submit(body({ typeUrl, value }));
    assert.equal(receipt.failure, undefined);
    assert.deepEqual(await fixture.chain.events.transactionEvents(receipt.txId), receipt.events);
    return receipt.events;
  };
  const send = async (): Promise<Packet> => {
    const { timestampSec } = await fixture.chain.reader.latestBlock();
    const message = sendTransfer({ clientId: CLIENT, signer, timeoutSec: timestampSec + 3_600n });
    const { events } = await fixture.user.submit(body(message));
    return events[0]?.packet as Packet;
  };
  const held = async (kind: 'packet' | 'receipt' | 'acknowledgement', sequence: bigint) => {
    const block = await fixture.chain.reader.latestBlock();
    const [value] = await fixture.chain.reader.commitments(block, [{ kind, clientId: CLIENT, sequence }]);
    return value;
  };

  test('a packet received: its acknowledgement is an event, and stands with its receipt', { skip }, async () => {
    const { timestampSec } = await fixture.chain.reader.latestBlock();
    const packet: Packet = {
      sequence: 3n,
      sourceClient: 'client-9',
      destClient: CLIENT,
      timeoutTimestampSec: timestampSec + 3_600n,
      payloads: [
        {
          sourcePort: 'transfer',
          destPort: 'transfer',
          version: 'ics20-1',
          encoding: 'application/json',
          value: Buffer.from('{"denom":"nothing","amount":"0","sender":"","receiver":"","memo":""}'),
        },
      ],
    };
    assert.equal(await held('receipt', 3n), undefined);
    const path = { kind: 'packet', clientId: packet.sourceClient, sequence: packet.sequence } as const;
    const proofCommitment = await provePath(path, packetCommitment(packet));
    const message = MsgRecvPacket.fromPartial({ packet: toProto(packet), proofCommitment, proofHeight, signer });
    const [event, ...rest] = await submit(MsgRecvPacket.typeUrl, MsgRecvPacket.encode(message).finish());
    assert.equal(rest.length, 0);
    assert.ok(event?.type === 'write-acknowledgement');
    assert.deepEqual(event.acknowledgements, [UNIVERSAL_ERROR_ACK]);
    assert.deepEqual(packetCommitment(event.packet), packetCommitment(packet));
    assert.deepEqual(await held('acknowledgement', 3n), ackCommitment([UNIVERSAL_ERROR_ACK]));
    assert.deepEqual(await held('receipt', 3n), Uint8Array.of(2));
  });

  test('a packet acknowledged: the event says with what, and the commitment is gone', { skip }, async () => {
    const packet = await send();
    assert.deepEqual(await held('packet', packet.sequence), packetCommitment(packet));
    const ack = Buffer.from('{"result":"AQ=="}');
    const path = { kind: 'acknowledgement', clientId: 'client-9', sequence: packet.sequence } as const;
    const message = MsgAcknowledgement.fromPartial({
      packet: toProto(packet),
      acknowledgement: { appAcknowledgements: [ack] },
      proofAcked: await provePath(path, ackCommitment([ack])),
      proofHeight,
      signer,
    });
    const [event] = await submit(MsgAcknowledgement.typeUrl, MsgAcknowledgement.encode(message).finish());
    assert.ok(event?.type === 'acknowledge');
    assert.deepEqual(Buffer.from(event.acknowledgement), ack);
    assert.equal(await held('packet', packet.sequence), undefined);
  });

  test('a packet timed out, by an absence that was attested', { skip }, async () => {
    const packet = await send();
    const path = { kind: 'receipt', clientId: 'client-9', sequence: packet.sequence } as const;
    const update = await updateTo(LATER_HEIGHT, packet.timeoutTimestampSec);
    await submit(update.typeUrl, update.value);
    const proofUnreceived = await provePath(path, new Uint8Array(32), LATER_HEIGHT);
    const message = MsgTimeout.fromPartial({
      packet: toProto(packet),
      proofUnreceived,
      proofHeight: proofAt(LATER_HEIGHT),
      signer,
    });
    const [event] = await submit(MsgTimeout.typeUrl, MsgTimeout.encode(message).finish());
    assert.equal(event?.type, 'timeout');
    assert.deepEqual(event?.packet, packet);
    assert.equal(await held('packet', packet.sequence), undefined);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ChainReader } from '@interchain-attestation/chains';
import { ics26RouterAbi } from '@interchain-attestation/contracts';
import { bytesToHex, hexToBytes, MAX_UINT64, type Packet } from '@interchain-attestation/core';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Packet as ProtoPacket } from 'cosmjs-types/ibc/core/channel/v2/packet';
import { MsgAcknowledgement, MsgRecvPacket, MsgTimeout } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { encodeFunctionData, type Hex } from 'viem';
import { assertAsked, readerOf } from '../src/check/assert-asked.ts';
import type { PacketRecord } from '../src/domain/packet-record.ts';
import type { Leg } from '../src/domain/packet-state.ts';
import { countOf, createFakeWorld } from './support/fake-world.ts';

const packetOf = (sequence: bigint, value = 'value'): Packet => ({
  sequence,
  sourceClient: 'client-a',
  destClient: 'client-b',
  timeoutTimestampSec: MAX_UINT64,
  payloads: [
    {
      sourcePort: 'transfer',
      destPort: 'transfer',
      version: 'ics20-1',
      encoding: 'application/x-solidity-abi',
      value: Buffer.from(value),
    },
  ],
});

const recordOf = (packet: Packet): PacketRecord => ({
  sourceChainId: '1',
  sourceClientId: 'client-a',
  sequence: packet.sequence,
  routeId: 'route',
  destChainId: '2',
  packet,
  expired: false,
  attempts: 0,
  nextAttemptMs: 0,
  timesMs: {},
});

const abiPacket = ({ sequence, sourceClient, destClient, timeoutTimestampSec, payloads }: Packet) => ({
  sequence,
  sourceClient,
  destClient,
  timeoutTimestamp: timeoutTimestampSec,
  payloads: payloads.map((payload) => ({ ...payload, value: bytesToHex(payload.value) })),
});

const PROOF = '0xabcdef' as const;
const proofHeight = { revisionNumber: 0n, revisionHeight: 7n };
const call = (functionName: string, ...args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: ics26RouterAbi, functionName, args } as never);
const multicall = (...calls: readonly Hex[]): Uint8Array => hexToBytes(call('multicall', calls));
const evm = {
  update: (clientId: string): Hex => call('updateClient', clientId, PROOF),
  receive: (packet: Packet): Hex =>
    call('recvPacket', { packet: abiPacket(packet), proofCommitment: PROOF, proofHeight }),
  acknowledge: (packet: Packet): Hex =>
    call('ackPacket', { packet: abiPacket(packet), acknowledgement: '0x01', proofAcked: PROOF, proofHeight }),
  timeout: (packet: Packet): Hex =>
    call('timeoutPacket', { packet: abiPacket(packet), proofTimeout: PROOF, proofHeight }),
};

interface Any {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}
const signer = 'cosmos1relayer';
const PROOF_TYPE = '/ibc.lightclients.attestations.v1.AttestationProof';
const height = { revisionNumber: 0n, revisionHeight: 7n };
const protoPacket = (packet: Packet): ProtoPacket =>
  ProtoPacket.fromPartial({
    sequence: packet.sequence,
    sourceClient: packet.sourceClient,
    destinationClient: packet.destClient,
    timeoutTimestamp: packet.timeoutTimestampSec,
    payloads: packet.payloads.map(({ destPort, ...payload }) => ({ ...payload, destinationPort: destPort })),
  });
const any = (typeUrl: string, value: Uint8Array): Any => ({ typeUrl, value });
/** Data of one byte, a signature of one. */
const PROTO_PROOF = Uint8Array.of(0x0a, 1, 7, 0x12, 1, 8);
const cosmos = {
  update: (clientId: string): Any =>
    any(
      MsgUpdateClient.typeUrl,
      MsgUpdateClient.encode({ clientId, clientMessage: any(PROOF_TYPE, PROTO_PROOF), signer }).finish(),
    ),
  receive: (packet: Packet): Any =>
    any(
      MsgRecvPacket.typeUrl,
      MsgRecvPacket.encode({
        packet: protoPacket(packet),
        proofCommitment: PROTO_PROOF,
        proofHeight: height,
        signer,
      }).finish(),
    ),
  acknowledge: (packet: Packet): Any =>
    any(
      MsgAcknowledgement.typeUrl,
      MsgAcknowledgement.encode(
        MsgAcknowledgement.fromPartial({ packet: protoPacket(packet), proofHeight: height, signer }),
      ).finish(),
    ),
  timeout: (packet: Packet): Any =>
    any(
      MsgTimeout.typeUrl,
      MsgTimeout.encode(MsgTimeout.fromPartial({ packet: protoPacket(packet), proofHeight: height, signer })).finish(),
    ),
};
const body = (...messages: readonly Any[]): Uint8Array =>
  TxBody.encode(TxBody.fromPartial({ messages: [...messages] })).finish();

const asked = [packetOf(1n), packetOf(2n), packetOf(MAX_UINT64)] as const;
const [one, two, last] = asked;

const check = (kind: ChainReader['kind'], tx: Uint8Array, leg: Leg = 'receive'): void =>
  assertAsked(
    readerOf(kind),
    { tx, address: '' },
    { leg, clientId: leg === 'receive' ? 'client-b' : 'client-a', records: asked.map(recordOf), account: signer },
  );
const refused = (kind: ChainReader['kind'], tx: Uint8Array, problem: RegExp, leg: Leg = 'receive'): void =>
  assert.throws(() => check(kind, tx, leg), { code: 'relayer/foreign-transaction', message: problem });

describe('what the proof API answers is held against what it was asked', () => {
  for (const leg of ['receive', 'acknowledge', 'timeout'] as const) {
    test(`${leg}: updates of the client and asked packets pass, on both kinds of chains`, () => {
      const client = leg === 'receive' ? 'client-b' : 'client-a';
      check('evm', multicall(evm.update(client), evm[leg](one), evm[leg](last)), leg);
      check('evm', hexToBytes(evm[leg](two)), leg);
      check('cosmos', body(cosmos.update(client), cosmos[leg](one), cosmos[leg](last)), leg);
    });
  }

  test('another function of the router, by itself or within a multicall, is refused', () => {
    const upgrade = call('upgradeToAndCall', `0x${'22'.repeat(20)}`, '0x');
    const migrate = call('migrateClient', 'client-b', { clientId: 'x', merklePrefix: [] }, `0x${'22'.repeat(20)}`);
    refused('evm', hexToBytes(upgrade), /calls function/);
    refused('evm', multicall(evm.receive(one), migrate), /calls function/);
    refused('evm', multicall(evm.receive(one), bytesToHex(multicall(evm.receive(two))) as Hex), /calls function/);
    refused('evm', new Uint8Array(), /calls function/);
    refused('evm', hexToBytes('0xac9650d8'), /does not read/);
  });

  test('any other message of a Cosmos transaction is refused, and what decoders may read in two ways', () => {
    const to = 'cosmos1thief';
    const send = MsgSend.encode({ fromAddress: signer, toAddress: to, amount: [{ denom: 'atom', amount: '1' }] });
    refused('cosmos', body(cosmos.receive(one), any('/cosmos.bank.v1beta1.MsgSend', send.finish())), /MsgSend/);
    const receive = cosmos.receive(one);
    const twice = Buffer.concat([receive.value, cosmos.receive(two).value]);
    refused('cosmos', body({ ...receive, value: twice }), /more than once/);
    refused('cosmos', Buffer.concat([body(receive), Buffer.from([0xfa, 0x3f, 0x00])]), /unknown field/);
    refused('cosmos', Buffer.from('<html>'), /./);
    refused('cosmos', new Uint8Array(), /brings no packet/);
  });

  test('a Cosmos transaction holds nothing but its messages, in their order, for our own account', () => {
    const update = cosmos.update('client-b');
    const receive = cosmos.receive(one);
    const bodyOf = (extra: Partial<TxBody>): Uint8Array =>
      TxBody.encode(TxBody.fromPartial({ messages: [update, receive], ...extra })).finish();
    check('cosmos', bodyOf({}));
    refused('cosmos', bodyOf({ memo: 'hello' }), /memo/);
    refused('cosmos', bodyOf({ timeoutHeight: 5n }), /timeout height/);
    refused('cosmos', bodyOf({ extensionOptions: [update] }), /unknown field 1023/);
    refused('cosmos', bodyOf({ nonCriticalExtensionOptions: [update] }), /unknown field 2047/);
    // Field 4, `unordered`, of newer versions of the SDK.
    refused('cosmos', Buffer.concat([bodyOf({}), Buffer.from([0x20, 0x01])]), /unknown field 4/);
    refused('cosmos', body(receive, update), /after a packet/);
    refused('cosmos', body(update, update, receive), /updates clients 2 times/);
    const extended = { ...receive, value: Buffer.concat([receive.value, Buffer.from([0x32, 0x01, 0x00])]) };
    refused('cosmos', body(extended), /unknown field 6/);
    const freezing = MsgUpdateClient.encode({
      clientId: 'client-b',
      clientMessage: any('/ibc.lightclients.attestations.v1.Misbehaviour', new Uint8Array(3)),
      signer,
    });
    refused('cosmos', body(any(MsgUpdateClient.typeUrl, freezing.finish()), receive), /client message/);
    refused('cosmos', body(any(`${MsgRecvPacket.typeUrl} `, receive.value)), /has a message/);
    const unsigned = (account: string): Any =>
      any(
        MsgRecvPacket.typeUrl,
        MsgRecvPacket.encode({ ...MsgRecvPacket.decode(receive.value), signer: account }).finish(),
      );
    check('cosmos', body(unsigned('')));
    refused('cosmos', body(unsigned('cosmos1other')), /signed by cosmos1other/);
  });

  test('proofs, heights and acknowledgements hold nothing that the chain would pass over, and we pay for', () => {
    // Field 3, 4 bytes.
    const padding = Uint8Array.of(0x1a, 4, 0, 0, 0, 0);
    const padded = Buffer.concat([PROTO_PROOF, padding]);
    const receive = (fields: Partial<MsgRecvPacket>): Any => {
      const message = {
        packet: protoPacket(one),
        proofCommitment: PROTO_PROOF,
        proofHeight: height,
        signer,
        ...fields,
      };
      return any(MsgRecvPacket.typeUrl, MsgRecvPacket.encode(message).finish());
    };
    check('cosmos', body(receive({})));
    refused('cosmos', body(receive({ proofCommitment: padded })), /unknown field 3 in a proof/);
    const twice = Buffer.concat([PROTO_PROOF, PROTO_PROOF.subarray(0, 3)]);
    refused('cosmos', body(receive({ proofCommitment: twice })), /attestation_data more than once/);
    const update = MsgUpdateClient.encode({ clientId: 'client-b', clientMessage: any(PROOF_TYPE, padded), signer });
    refused('cosmos', body(any(MsgUpdateClient.typeUrl, update.finish()), receive({})), /unknown field 3 in a proof/);
    // A message of its own for the height, whose second one the chain would merge into it.
    const heightTwice = Buffer.concat([receive({}).value, Uint8Array.of(0x1a, 2, 0x10, 7)]);
    refused('cosmos', body(any(MsgRecvPacket.typeUrl, heightTwice)), /proof_height more than once/);
    const acknowledge = MsgAcknowledgement.fromPartial({ packet: protoPacket(one), proofHeight: height, signer });
    const plain = Buffer.from(MsgAcknowledgement.encode(acknowledge).finish());
    // Its empty acknowledgement, behind the packet.
    const at = 2 + (plain[1] ?? 0);
    assert.deepEqual([...plain.subarray(at, at + 2)], [0x12, 0]);
    const withPadding = Buffer.concat([plain.subarray(0, at), Uint8Array.of(0x12, 6), padding, plain.subarray(at + 2)]);
    check('cosmos', body(any(MsgAcknowledgement.typeUrl, plain)), 'acknowledge');
    const problem = /unknown field 3 in an acknowledgement/;
    refused('cosmos', body(any(MsgAcknowledgement.typeUrl, withPadding)), problem, 'acknowledge');
  });

  test('an EVM transaction updates the client before its packets', () => {
    refused('evm', multicall(evm.receive(one), evm.update('client-b')), /after a packet/);
  });

  test('other packets, legs and clients, repeated packets, and no packet at all are refused', () => {
    for (const [kind, of] of [
      ['evm', (...calls: never[]) => multicall(...calls)],
      ['cosmos', (...calls: never[]) => body(...calls)],
    ] as const) {
      const make = (kind === 'evm' ? evm : cosmos) as unknown as Record<string, (arg: unknown) => never>;
      const missing = (): never => assert.fail('no such message');
      const { update = missing, receive = missing, timeout = missing } = make;
      refused(kind, of(update('client-b'), receive(packetOf(9n))), /packet 9, which was not asked for/);
      refused(kind, of(receive(one), receive(one)), /packet 1, which was not asked for, or twice/);
      refused(kind, of(receive(packetOf(1n, 'other'))), /another packet under sequence 1/);
      refused(kind, of(receive(one), timeout(two)), /a timeout where a receive/);
      refused(kind, of(update('client-z'), receive(one)), /updates client client-z/);
      refused(kind, of(update('client-b')), /brings no packet/);
      refused(kind, of(...Array.from({ length: 50 }, () => update('client-b'))), /at most/);
    }
  });

  test('a lying proof API stops the lane, costs no gas and makes no dead letter', async (t) => {
    const world = createFakeWorld();
    t.after(world.close);
    const relayer = await world.start({ maxAttempts: 2 });
    world.onMessages = (messages) => {
      for (const message of [...messages]) messages.push({ ...message, kind: 'timeout' });
    };
    for (let i = 1n; i <= 4n; i++) world.send(world.a, i);
    await world.until(() =>
      world.events.some((event) => event.type === 'outage' && String(event.error).includes('a timeout where')),
    );
    await world.until(() => world.proofRequests > 4);
    assert.equal(world.b.simulations, 0);
    assert.equal(await countOf(relayer, 'failed'), 0);
    world.onMessages = undefined;
    await world.until(async () => (await countOf(relayer, 'acknowledged')) === 4);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { MsgAcknowledgement, MsgRecvPacket, MsgTimeout } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgCreateClient, MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { MsgRegisterCounterparty } from 'cosmjs-types/ibc/core/client/v2/tx';
import { fillSigner } from '../../src/cosmos/sender/fill-signer.ts';
import { body } from './ibc-messages.ts';

const ACCOUNT = 'cosmos1zg69v7yszg69v7yszg69v7yszg69v7ys8xdv96';
const packet = {
  sequence: 1n,
  sourceClient: 'attestations-0',
  destinationClient: 'client-0',
  timeoutTimestamp: 7n,
  payloads: [],
};
const proofHeight = { revisionNumber: 0n, revisionHeight: 9n };
const proof = Uint8Array.of(1, 2, 3);

const messagesBy = (signer: string) =>
  [
    [MsgUpdateClient, { clientId: 'attestations-0', clientMessage: { typeUrl: '/x', value: proof }, signer }],
    [MsgCreateClient, { clientState: { typeUrl: '/x', value: proof }, signer }],
    [
      MsgRegisterCounterparty,
      { clientId: 'c', counterpartyMerklePrefix: [new Uint8Array()], counterpartyClientId: 'd', signer },
    ],
    [MsgRecvPacket, { packet, proofCommitment: proof, proofHeight, signer }],
    [
      MsgAcknowledgement,
      { packet, acknowledgement: { appAcknowledgements: [proof] }, proofAcked: proof, proofHeight, signer },
    ],
    [MsgTimeout, { packet, proofUnreceived: proof, proofHeight, signer }],
  ].map(([type, message]) => {
    const { typeUrl, encode } = type as { typeUrl: string; encode(message: unknown): { finish(): Uint8Array } };
    return { typeUrl, value: encode(message).finish() };
  });

describe('Who signs', () => {
  test('messages that name nobody come out as if they had named the account, byte for byte', () => {
    assert.deepEqual(fillSigner(body(...messagesBy('')), ACCOUNT), body(...messagesBy(ACCOUNT)));
  });

  test('messages that name somebody, and those of other modules, stay as they are', () => {
    const send = { typeUrl: MsgSend.typeUrl, value: MsgSend.encode(MsgSend.fromPartial({ toAddress: 'x' })).finish() };
    const named = body(...messagesBy('cosmos1other'), send);
    assert.equal(fillSigner(named, ACCOUNT), named);
    const [first] = messagesBy('');
    const { messages } = TxBody.decode(fillSigner(body(first ?? send, send), ACCOUNT).tx);
    assert.equal(MsgUpdateClient.decode(messages[0]?.value ?? proof).signer, ACCOUNT);
    assert.deepEqual(messages[1]?.value, send.value);
  });

  test('what does not decode is refused', () => {
    const broken = body({ typeUrl: MsgRecvPacket.typeUrl, value: Uint8Array.of(0xff) });
    assert.throws(() => fillSigner(broken, ACCOUNT), { code: 'chain/invalid-input' });
  });
});

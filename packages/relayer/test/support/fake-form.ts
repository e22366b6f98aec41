import { decodePacket, encodePacket, type Packet } from '@interchain-attestation/core';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Packet as ProtoPacket } from 'cosmjs-types/ibc/core/channel/v2/packet';
import { MsgAcknowledgement, MsgRecvPacket, MsgTimeout } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';

export type Kind = 'receive' | 'acknowledge' | 'timeout';

/** What a transaction of the fake world does to one packet. */
export interface Message {
  readonly kind: Kind;
  /** abi.encode(Packet), base64. */
  readonly packet: string;
  readonly acks: readonly string[];
}

/** How transactions are written down. */
export interface Form {
  encode(messages: readonly Message[], clientId: string): Uint8Array;
  decode(tx: Uint8Array): readonly Message[];
}

export const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
export const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
export const packetOf = (message: Message): Packet => decodePacket(toBytes(message.packet));

/** Stands in for calldata. */
export const jsonForm: Form = {
  encode: (messages) => new TextEncoder().encode(JSON.stringify(messages)),
  decode: (tx) => JSON.parse(new TextDecoder().decode(tx).trimEnd()) as readonly Message[],
};

const toProto = ({ sequence, sourceClient, destClient, timeoutTimestampSec, payloads }: Packet): ProtoPacket =>
  ProtoPacket.fromPartial({
    sequence,
    sourceClient,
    destinationClient: destClient,
    timeoutTimestamp: timeoutTimestampSec,
    payloads: payloads.map(({ destPort, ...payload }) => ({ ...payload, destinationPort: destPort })),
  });

const fromProto = (packet: ProtoPacket | undefined): Packet => ({
  sequence: packet?.sequence ?? 0n,
  sourceClient: packet?.sourceClient ?? '',
  destClient: packet?.destinationClient ?? '',
  timeoutTimestampSec: packet?.timeoutTimestamp ?? 0n,
  payloads: (packet?.payloads ?? []).map(({ destinationPort, ...payload }) => ({
    ...payload,
    destPort: destinationPort,
  })),
});

const common = (message: Message) => ({
  packet: toProto(packetOf(message)),
  proofHeight: { revisionNumber: 0n, revisionHeight: 1n },
  signer: '',
});
/** Data of one byte, a signature of one. */
const PROOF = Uint8Array.of(0x0a, 1, 7, 0x12, 1, 8);

const encodeMessage = (message: Message): { typeUrl: string; value: Uint8Array } => {
  switch (message.kind) {
    case 'receive':
      return {
        typeUrl: MsgRecvPacket.typeUrl,
        value: MsgRecvPacket.encode({ ...common(message), proofCommitment: PROOF }).finish(),
      };
    case 'acknowledge': {
      const acknowledgement = { appAcknowledgements: message.acks.map(toBytes) };
      return {
        typeUrl: MsgAcknowledgement.typeUrl,
        value: MsgAcknowledgement.encode({ ...common(message), acknowledgement, proofAcked: PROOF }).finish(),
      };
    }
    case 'timeout':
      return {
        typeUrl: MsgTimeout.typeUrl,
        value: MsgTimeout.encode({ ...common(message), proofUnreceived: PROOF }).finish(),
      };
  }
};

const decodeMessage = ({ typeUrl, value }: { typeUrl: string; value: Uint8Array }): readonly Message[] => {
  const message = (
    kind: Kind,
    packet: ProtoPacket | undefined,
    acks: readonly Uint8Array[] = [],
  ): readonly Message[] => [{ kind, packet: toText(encodePacket(fromProto(packet))), acks: acks.map(toText) }];
  switch (typeUrl) {
    case MsgRecvPacket.typeUrl:
      return message('receive', MsgRecvPacket.decode(value).packet);
    case MsgAcknowledgement.typeUrl: {
      const { packet, acknowledgement } = MsgAcknowledgement.decode(value);
      return message('acknowledge', packet, acknowledgement?.appAcknowledgements);
    }
    case MsgTimeout.typeUrl:
      return message('timeout', MsgTimeout.decode(value).packet);
    default:
      return [];
  }
};

/** What a Cosmos chain really takes: an encoded TxBody, its client updated first. */
export const txBodyForm: Form = {
  encode: (messages, clientId) => {
    const clientMessage = { typeUrl: '/ibc.lightclients.attestations.v1.AttestationProof', value: PROOF };
    const update = {
      typeUrl: MsgUpdateClient.typeUrl,
      value: MsgUpdateClient.encode({ clientId, clientMessage, signer: '' }).finish(),
    };
    return TxBody.encode(TxBody.fromPartial({ messages: [update, ...messages.map(encodeMessage)] })).finish();
  },
  decode: (tx) => TxBody.decode(tx).messages.flatMap(decodeMessage),
};

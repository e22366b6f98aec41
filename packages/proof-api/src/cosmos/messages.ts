import { encodeMessage } from '@interchain-attestation/chains/cosmos';
import type { Packet } from '@interchain-attestation/core';
import {
  encodeIbcGoClientState,
  encodeIbcGoConsensusState,
  IBC_GO_CLIENT_STATE_TYPE_URL,
  IBC_GO_CONSENSUS_STATE_TYPE_URL,
  PROTOBUF_PROOF_TYPE_URL,
} from '@interchain-attestation/light-client';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Packet as ProtoPacket } from 'cosmjs-types/ibc/core/channel/v2/packet';
import { MsgAcknowledgement, MsgRecvPacket, MsgTimeout } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgCreateClient, MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import type { ProvenMessage } from '../domain/batch.ts';
import type { InitialState } from '../domain/new-client.ts';

/** A message with its type, as a TxBody holds it. */
export interface TypedMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** Heights of an attestation client carry no revision. Source: wire format, section 3. */
const REVISION = 0n;
const NS_PER_SEC = 1_000_000_000n;

const toProto = ({ sequence, sourceClient, destClient, timeoutTimestampSec, payloads }: Packet): ProtoPacket => ({
  sequence,
  sourceClient,
  destinationClient: destClient,
  timeoutTimestamp: timeoutTimestampSec,
  payloads: payloads.map(({ destPort, ...rest }) => ({ ...rest, destinationPort: destPort })),
});

/** `ibc.core.client.v1.MsgUpdateClient` with an `AttestationProof` of a state. */
export const updateMessage = (clientId: string, proof: Uint8Array, signer: string): TypedMessage => ({
  typeUrl: MsgUpdateClient.typeUrl,
  value: encodeMessage(MsgUpdateClient, {
    clientId,
    clientMessage: { typeUrl: PROTOBUF_PROOF_TYPE_URL, value: proof },
    signer,
  }),
});

/** `ibc.core.channel.v2.MsgRecvPacket`, `MsgAcknowledgement` or `MsgTimeout`. */
export const packetMessage = ({ item, proof }: ProvenMessage, height: bigint, signer: string): TypedMessage => {
  const packet = toProto(item.packet);
  const proofHeight = { revisionNumber: REVISION, revisionHeight: height };
  const common = { packet, proofHeight, signer };
  switch (item.kind) {
    case 'receive':
      return {
        typeUrl: MsgRecvPacket.typeUrl,
        value: encodeMessage(MsgRecvPacket, { ...common, proofCommitment: proof }),
      };
    case 'acknowledge': {
      const acknowledgement = { appAcknowledgements: [...item.acknowledgements] };
      const message = { ...common, acknowledgement, proofAcked: proof };
      return { typeUrl: MsgAcknowledgement.typeUrl, value: encodeMessage(MsgAcknowledgement, message) };
    }
    case 'timeout':
      return { typeUrl: MsgTimeout.typeUrl, value: encodeMessage(MsgTimeout, { ...common, proofUnreceived: proof }) };
  }
};

/** `ibc.core.client.v1.MsgCreateClient` of an attestation client. */
export const createClientMessage = (
  set: { readonly attestors: readonly `0x${string}`[]; readonly minRequiredSigs: number },
  { height, timestampSec }: InitialState,
  signer: string,
): TypedMessage => ({
  typeUrl: MsgCreateClient.typeUrl,
  value: encodeMessage(MsgCreateClient, {
    clientState: {
      typeUrl: IBC_GO_CLIENT_STATE_TYPE_URL,
      value: encodeIbcGoClientState({ ...set, latestHeight: height, isFrozen: false }),
    },
    consensusState: {
      typeUrl: IBC_GO_CONSENSUS_STATE_TYPE_URL,
      value: encodeIbcGoConsensusState({ timestamp: timestampSec * NS_PER_SEC }),
    },
    signer,
  }),
});

/** `cosmos.tx.v1beta1.TxBody` with these messages: what a sender signs. */
export const encodeBody = (messages: readonly TypedMessage[]): Uint8Array =>
  encodeMessage(TxBody, TxBody.fromPartial({ messages: [...messages] }));

import { encodeMessage } from '@interchain-attestation/chains/cosmos';
import type { AttestorSet } from '@interchain-attestation/core';
import {
  encodeIbcGoClientState,
  encodeIbcGoConsensusState,
  IBC_GO_CLIENT_STATE_TYPE_URL,
  IBC_GO_CONSENSUS_STATE_TYPE_URL,
} from '@interchain-attestation/light-client';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { MsgCreateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { MsgRegisterCounterparty } from 'cosmjs-types/ibc/core/client/v2/tx';
import type { InitialState } from '../initial-state.ts';

/** The key path under an attestation client has one element: the prefix is one empty one. */
export const MERKLE_PREFIX: readonly Uint8Array[] = [new Uint8Array()];

const NS_PER_SEC = 1_000_000_000n;

/** TxBody with MsgCreateClient of an attestation client, included up to `timeoutHeight` or never. */
export const createClientBody = (
  { attestors, minRequiredSigs }: AttestorSet,
  { height, timestampSec }: InitialState,
  signer: string,
  timeoutHeight: bigint,
): Uint8Array => {
  const clientState = encodeIbcGoClientState({ attestors, minRequiredSigs, latestHeight: height, isFrozen: false });
  const consensusState = encodeIbcGoConsensusState({ timestamp: timestampSec * NS_PER_SEC });
  const message = encodeMessage(MsgCreateClient, {
    clientState: { typeUrl: IBC_GO_CLIENT_STATE_TYPE_URL, value: clientState },
    consensusState: { typeUrl: IBC_GO_CONSENSUS_STATE_TYPE_URL, value: consensusState },
    signer,
  });
  const messages = [{ typeUrl: MsgCreateClient.typeUrl, value: message }];
  return encodeMessage(TxBody, TxBody.fromPartial({ messages, timeoutHeight }));
};

/** TxBody with MsgRegisterCounterparty. */
export const registerBody = (clientId: string, counterpartyClientId: string, signer: string): Uint8Array => {
  const message = encodeMessage(MsgRegisterCounterparty, {
    clientId,
    counterpartyClientId,
    counterpartyMerklePrefix: [...MERKLE_PREFIX],
    signer,
  });
  const messages = [{ typeUrl: MsgRegisterCounterparty.typeUrl, value: message }];
  return encodeMessage(TxBody, TxBody.fromPartial({ messages }));
};

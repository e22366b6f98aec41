import type { TransactionReceipt } from '@interchain-attestation/chains';
import { encodeMessage } from '@interchain-attestation/chains/cosmos';
import { attestationLightClientAbi } from '@interchain-attestation/contracts';
import {
  type Address,
  type AttestationProof,
  encodeAttestationProof,
  encodeStateAttestation,
  hexToBytes,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';
import { encodeProtobufProof, PROTOBUF_PROOF_TYPE_URL } from '@interchain-attestation/light-client';
import { MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { decodeAbiParameters, parseAbiParameters } from 'viem';
import type { DevnetCosmosChain } from '../chain/cosmos-dev-chain.ts';
import type { DevnetChain } from '../network/devnet.ts';
import type { DevKey } from '../network/keys.ts';

/** What a light client holds, in short. */
export interface ClientView {
  readonly latestHeight: bigint;
  /** Unix seconds of the latest height. */
  readonly timestampSec: bigint;
  readonly isFrozen: boolean;
}

const CLIENT_STATE = parseAbiParameters('(address[] attestors, uint8 quorum, uint64 latestHeight, bool isFrozen)');

/** Reads a light client. */
export const readClient = async (chain: DevnetChain, lightClient: Address): Promise<ClientView> => {
  const at = { address: lightClient, abi: attestationLightClientAbi } as const;
  const encoded = await chain.client.readContract({ ...at, functionName: 'getClientState' });
  const [{ latestHeight, isFrozen }] = decodeAbiParameters(CLIENT_STATE, encoded);
  const args = [latestHeight] as const;
  const timestampSec = await chain.client.readContract({ ...at, functionName: 'getConsensusTimestamp', args });
  return { latestHeight, timestampSec, isFrozen };
};

/**
 * A statement about a block that these keys sign, true or not: a proof as light clients take it. Signed with the keys
 * themselves, beside the attestors, whose guards would refuse.
 */
export const signState = (keys: readonly DevKey[], height: bigint, timestampSec: bigint): Uint8Array =>
  encodeAttestationProof(signedState(keys, height, timestampSec));

const signedState = (keys: readonly DevKey[], height: bigint, timestampSec: bigint): AttestationProof => {
  const attestationData = encodeStateAttestation({ height, timestampSec });
  const digest = signingDigest('state', attestationData);
  const signatures = keys.map(({ privateKey }) => signDigest(digest, hexToBytes(privateKey)));
  return { attestationData, signatures };
};

/** The same for a client on a Cosmos chain: MsgUpdateClient with the statement, true or not. */
export const updateWithState = (
  chain: DevnetCosmosChain,
  sender: DevKey,
  clientId: string,
  statement: { readonly keys: readonly DevKey[]; readonly height: bigint; readonly timestampSec: bigint },
): Promise<TransactionReceipt> => {
  const proof = encodeProtobufProof(signedState(statement.keys, statement.height, statement.timestampSec));
  const value = encodeMessage(MsgUpdateClient, {
    clientId,
    clientMessage: { typeUrl: PROTOBUF_PROOF_TYPE_URL, value: proof },
    signer: chain.addressOf(sender),
  });
  return chain.send(sender, [{ typeUrl: MsgUpdateClient.typeUrl, value }]);
};

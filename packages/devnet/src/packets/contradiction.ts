import { attestationLightClientAbi } from '@interchain-attestation/contracts';
import {
  type Address,
  encodeAttestationProof,
  encodeStateAttestation,
  hexToBytes,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';
import { decodeAbiParameters, parseAbiParameters } from 'viem';
import type { DevKey } from '../network/keys.ts';
import type { DevnetChain } from '../network/start-devnet.ts';

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
export const signState = (keys: readonly DevKey[], height: bigint, timestampSec: bigint): Uint8Array => {
  const attestationData = encodeStateAttestation({ height, timestampSec });
  const digest = signingDigest('state', attestationData);
  const signatures = keys.map(({ privateKey }) => signDigest(digest, hexToBytes(privateKey)));
  return encodeAttestationProof({ attestationData, signatures });
};

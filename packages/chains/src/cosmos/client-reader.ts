import { fromBinary } from '@bufbuild/protobuf';
import { parseAddress } from '@interchain-attestation/core';
import { attestations } from '@interchain-attestation/proto';
import type { Any } from 'cosmjs-types/google/protobuf/any';
import {
  QueryClientStateRequest,
  QueryClientStateResponse,
  QueryConsensusStateRequest,
  QueryConsensusStateResponse,
} from 'cosmjs-types/ibc/core/client/v1/query';
import { QueryCounterpartyInfoRequest, QueryCounterpartyInfoResponse } from 'cosmjs-types/ibc/core/client/v2/query';
import { abortable } from '../abortable.ts';
import { ChainError } from '../errors.ts';
import type { AttestationClientState, ClientReader, Counterparty } from '../ports.ts';
import { quorumFault } from '../quorum-bounds.ts';
import { encodeMessage } from './encode-message.ts';
import type { AbciQuery } from './rpc/abci-query.ts';
import { malformed } from './rpc/node-error.ts';

const CLIENT_STATE = '/ibc.lightclients.attestations.v1.ClientState';
const CONSENSUS_STATE = '/ibc.lightclients.attestations.v1.ConsensusState';
const NS_PER_SEC = 1_000_000_000n;
/** Heights of an attestation client carry no revision. */
const REVISION = 0n;

const short = (clientId: string): string => clientId.slice(0, 140);

const clientNotFound = (clientId: string, reason: string): ChainError =>
  new ChainError('chain/client-not-found', `no client ${short(clientId)}: ${reason}`, {
    meta: { clientId: short(clientId), reason },
  });

const notAttestation = (clientId: string, what: string): ChainError =>
  new ChainError('chain/not-an-attestation-client', `${short(clientId)} is not an attestation client: ${what}`, {
    meta: { clientId: short(clientId), what },
  });

/** The message inside an Any, which must be of this type. */
const unpack = (clientId: string, any: Any | undefined, typeUrl: string): Uint8Array => {
  if (any?.typeUrl !== typeUrl) throw notAttestation(clientId, `its state is ${any?.typeUrl.slice(0, 140) ?? 'empty'}`);
  return any.value;
};

export const createCosmosClientReader = (origin: string, query: AbciQuery): ClientReader => {
  const decoded = <T>(what: string, decode: () => T): T => {
    try {
      return decode();
    } catch (error) {
      if (error instanceof ChainError) throw error;
      throw malformed(origin, `${what} does not decode: ${(error as Error).message}`, error);
    }
  };

  const clientState = async (clientId: string): Promise<AttestationClientState> => {
    const request = encodeMessage(QueryClientStateRequest, { clientId });
    const answer = await query('/ibc.core.client.v1.Query/ClientState', request);
    if (answer.kind !== 'value') throw clientNotFound(clientId, answer.log);
    const any = decoded('ClientState', () => QueryClientStateResponse.decode(answer.value).clientState);
    const state = decoded('ClientState', () =>
      fromBinary(attestations.ClientStateSchema, unpack(clientId, any, CLIENT_STATE)),
    );
    const { attestorAddresses, minRequiredSigs, latestHeight, isFrozen } = state;
    const fault = quorumFault(attestorAddresses.length, minRequiredSigs);
    if (fault !== undefined) throw notAttestation(clientId, fault);
    return {
      attestors: decoded('ClientState', () => attestorAddresses.map((address) => parseAddress(address.toLowerCase()))),
      minRequiredSigs,
      latestHeight,
      isFrozen,
      verifiesOncePerTransaction: false,
      location: clientId,
    };
  };

  const consensusTimestamp = async (clientId: string, height: bigint): Promise<bigint | undefined> => {
    // Height 0 would be "none given" to ibc-go, which answers with an error of another kind.
    if (height < 1n || height >= 2n ** 64n) return undefined;
    const request = encodeMessage(QueryConsensusStateRequest, {
      clientId,
      revisionNumber: REVISION,
      revisionHeight: height,
      latestHeight: false,
    });
    const answer = await query('/ibc.core.client.v1.Query/ConsensusState', request);
    if (answer.kind === 'not-found') return undefined;
    if (answer.kind === 'invalid-argument') throw clientNotFound(clientId, answer.log);
    const any = decoded('ConsensusState', () => QueryConsensusStateResponse.decode(answer.value).consensusState);
    const { timestamp } = decoded('ConsensusState', () =>
      fromBinary(attestations.ConsensusStateSchema, unpack(clientId, any, CONSENSUS_STATE)),
    );
    return timestamp / NS_PER_SEC;
  };

  const consensusTimestamps = async (
    clientId: string,
    heights: readonly bigint[],
  ): Promise<readonly (bigint | undefined)[]> => {
    // "No such height" and "no such client" are one answer to the query below.
    const [timestamps] = await Promise.all([
      Promise.all(heights.map((height) => consensusTimestamp(clientId, height))),
      clientState(clientId),
    ]);
    return timestamps;
  };

  const counterparty = async (clientId: string): Promise<Counterparty> => {
    const request = encodeMessage(QueryCounterpartyInfoRequest, { clientId });
    const answer = await query('/ibc.core.client.v2.Query/CounterpartyInfo', request);
    if (answer.kind !== 'value') throw clientNotFound(clientId, answer.log);
    const info = decoded('CounterpartyInfo', () => QueryCounterpartyInfoResponse.decode(answer.value).counterpartyInfo);
    if (info === undefined) throw clientNotFound(clientId, 'no counterparty');
    return { clientId: info.clientId, merklePrefix: info.merklePrefix.map((part) => Uint8Array.from(part)) };
  };

  return {
    clientState: (clientId, options) => abortable(clientState(clientId), options?.signal),
    consensusTimestamps: (clientId, heights, options) =>
      abortable(consensusTimestamps(clientId, heights), options?.signal),
    counterparty: (clientId, options) => abortable(counterparty(clientId), options?.signal),
  };
};

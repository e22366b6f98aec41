import { type Address, type Hex, hexToBytes, parseAddress } from '@interchain-attestation/core';
import { type Abi, decodeFunctionResult, parseAbi } from 'viem';
import { abortable } from '../abortable.ts';
import { ChainError } from '../errors.ts';
import type { AttestationClientState, ClientReader, Counterparty } from '../ports.ts';
import { quorumFault } from '../quorum-bounds.ts';
import { toChainError } from '../rpc/response-error.ts';
import { callView, expectValue } from './contracts/call.ts';
import type { RpcClient } from './rpc/rpc-client.ts';

const routerAbi: Abi = parseAbi([
  'function getClient(string) view returns (address)',
  'function getCounterparty(string) view returns ((string clientId, bytes[] merklePrefix))',
]);

const clientAbi: Abi = parseAbi([
  'function getClientState() view returns (bytes)',
  'function getAttestationSet() view returns (address[], uint8)',
  'function getConsensusTimestamp(uint64) view returns (uint64)',
  'function supportsInterface(bytes4) view returns (bool)',
]);

/** The state that `getClientState` returns ABI-encoded, as a return value, so that one decoder serves. */
const stateAbi: Abi = parseAbi([
  'function state() view returns ((address[] attestors, uint8 minRequiredSigs, uint64 latestHeight, bool isFrozen))',
]);

/**
 * ERC-165 id of `IAttestationVerifiedOnce` (selector of `verifiedInTransaction(uint64,bytes32,bytes32)`): the client
 * takes empty follow-up proofs within a transaction.
 */
export const VERIFIED_ONCE_INTERFACE_ID = '0xc371e607';
const ERC165_INTERFACE_ID = '0x01ffc9a7';
const INVALID_INTERFACE_ID = '0xffffffff';

interface RawState {
  readonly attestors: readonly Hex[];
  readonly minRequiredSigs: number;
  readonly latestHeight: bigint;
  readonly isFrozen: boolean;
}

const clientNotFound = (clientId: string, reason: string): ChainError =>
  new ChainError('chain/client-not-found', `no client ${clientId.slice(0, 140)}: ${reason}`, {
    meta: { clientId: clientId.slice(0, 140), reason },
  });

const notAttestation = (clientId: string, location: Address, what: string): ChainError =>
  new ChainError(
    'chain/not-an-attestation-client',
    `${clientId} at ${location} is not an attestation client: ${what}`,
    {
      meta: { clientId, location, what },
    },
  );

const decodeState = (clientId: string, location: Address, encoded: Hex): RawState => {
  try {
    return decodeFunctionResult({ abi: stateAbi, functionName: 'state', data: encoded }) as RawState;
  } catch {
    throw notAttestation(clientId, location, 'its client state does not decode');
  }
};

export const createEvmClientReader = (rpc: RpcClient, router: Address): ClientReader => {
  const lane = rpc.transactions;
  const verifiesOnce = new Map<Address, boolean>();

  const mapped = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw toChainError(error, rpc.origin);
    }
  };

  const locate = async (clientId: string): Promise<Address> => {
    const outcome = await callView(lane, router, routerAbi, 'getClient', [clientId]);
    if (outcome.ok) return parseAddress(outcome.value as string);
    if (outcome.revert.name === 'not-decodable') {
      throw new ChainError('chain/not-a-router', `${router} is not a router: ${outcome.revert.message}`, {
        meta: { router },
      });
    }
    throw clientNotFound(clientId, outcome.revert.message);
  };

  /** ERC-165 by the book: a contract that says yes to everything does not count. */
  const probeVerifiesOnce = async (location: Address): Promise<boolean> => {
    const known = verifiesOnce.get(location);
    if (known !== undefined) return known;
    const supports = async (id: string): Promise<boolean> => {
      const outcome = await callView(lane, location, clientAbi, 'supportsInterface', [id]);
      return outcome.ok && outcome.value === true;
    };
    const [erc165, invalid, once] = await Promise.all(
      [ERC165_INTERFACE_ID, INVALID_INTERFACE_ID, VERIFIED_ONCE_INTERFACE_ID].map(supports),
    );
    const answer = erc165 === true && invalid === false && once === true;
    verifiesOnce.set(location, answer);
    return answer;
  };

  const clientState = async (clientId: string): Promise<AttestationClientState> => {
    const location = await locate(clientId);
    const [stateOutcome, setOutcome, verifiesOncePerTransaction] = await Promise.all([
      callView(lane, location, clientAbi, 'getClientState', []),
      callView(lane, location, clientAbi, 'getAttestationSet', []),
      probeVerifiesOnce(location),
    ]);
    const code = 'chain/not-an-attestation-client';
    const encoded = expectValue<Hex>(stateOutcome, code, `${clientId} at ${location}: getClientState`);
    const [attestors, quorum] = expectValue<readonly [readonly Hex[], number]>(
      setOutcome,
      code,
      `${clientId} at ${location}: getAttestationSet`,
    );
    const state = decodeState(clientId, location, encoded);
    const agrees =
      state.minRequiredSigs === quorum &&
      state.attestors.length === attestors.length &&
      state.attestors.every((address, i) => address === attestors[i]);
    if (!agrees) throw notAttestation(clientId, location, 'getClientState and getAttestationSet disagree');
    const fault = quorumFault(attestors.length, quorum);
    if (fault !== undefined) throw notAttestation(clientId, location, fault);
    return {
      ...state,
      attestors: attestors.map((address) => parseAddress(address)),
      location,
      verifiesOncePerTransaction,
    };
  };

  const consensusTimestamps = async (
    clientId: string,
    heights: readonly bigint[],
  ): Promise<readonly (bigint | undefined)[]> => {
    const location = await locate(clientId);
    const read = async (height: bigint): Promise<bigint | undefined> => {
      if (height < 0n || height >= 2n ** 64n) return undefined;
      const outcome = await callView(lane, location, clientAbi, 'getConsensusTimestamp', [height]);
      if (!outcome.ok && outcome.revert.name === 'ConsensusTimestampNotFound') return undefined;
      const value = expectValue<bigint>(
        outcome,
        'chain/not-an-attestation-client',
        `${clientId}: getConsensusTimestamp`,
      );
      return value === 0n ? undefined : value;
    };
    return Promise.all(heights.map(read));
  };

  const counterparty = async (clientId: string): Promise<Counterparty> => {
    const outcome = await callView(lane, router, routerAbi, 'getCounterparty', [clientId]);
    if (!outcome.ok) throw clientNotFound(clientId, outcome.revert.message);
    const value = outcome.value as { clientId: string; merklePrefix: readonly Hex[] };
    return { clientId: value.clientId, merklePrefix: value.merklePrefix.map((prefix) => hexToBytes(prefix)) };
  };

  return {
    clientState: (clientId, options) => abortable(mapped(clientState(clientId)), options?.signal),
    consensusTimestamps: (clientId, heights, options) =>
      abortable(mapped(consensusTimestamps(clientId, heights)), options?.signal),
    counterparty: (clientId, options) => abortable(mapped(counterparty(clientId)), options?.signal),
  };
};

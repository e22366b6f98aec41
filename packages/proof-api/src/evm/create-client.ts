import { attestationLightClientArtifact } from '@interchain-attestation/contracts';
import type { Address, AttestorSet } from '@interchain-attestation/core';
import {
  createAttestorSet,
  hexToBytes,
  isMinorityQuorum,
  MAX_UINT64,
  parseAddress,
} from '@interchain-attestation/core';
import { encodeDeployData } from 'viem';
import { ProofApiError } from '../errors.ts';

/** Parameters of a new client on an EVM chain, checked. */
export interface NewClient {
  readonly set: AttestorSet;
  /** Undefined: take the newest that a quorum of the set signs. */
  readonly initial: { readonly height: bigint; readonly timestampSec: bigint } | undefined;
  /** Who may grant the right to submit proofs; the zero address lets anyone submit. */
  readonly roleManager: Address;
}

const KNOWN = [
  'attestor_addresses',
  'min_required_sigs',
  'height',
  'timestamp',
  'role_manager',
  'allow_minority_quorum',
  'allow_single_attestor',
] as const;

const MAX_QUORUM = 255;
/** The set is part of the contract's code, which holds about this many addresses. */
const MAX_SET_SIZE = 1_000;

const invalid = (message: string): ProofApiError => new ProofApiError('proof-api/invalid-request', message);

const integer = (parameters: Readonly<Record<string, string>>, key: string, max: bigint): bigint | undefined => {
  const text = parameters[key]?.trim();
  if (text === undefined || text === '') return undefined;
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
  if (value < 1n || value > max) throw invalid(`${key}: expected 1..${max}, got ${text.slice(0, 40)}`);
  return value;
};

const flag = (parameters: Readonly<Record<string, string>>, key: string): boolean => {
  const text = parameters[key] ?? 'false';
  if (text !== 'true' && text !== 'false') throw invalid(`${key}: expected true or false, got ${text.slice(0, 40)}`);
  return text === 'true';
};

const assertSafe = (set: AttestorSet, parameters: Readonly<Record<string, string>>): void => {
  const { attestors, minRequiredSigs: m } = set;
  const n = attestors.length;
  if (n === 1) {
    if (!flag(parameters, 'allow_single_attestor')) {
      throw invalid('1-of-1: one key could forge anything; set allow_single_attestor=true to have it all the same');
    }
  } else if (isMinorityQuorum(set) && !flag(parameters, 'allow_minority_quorum')) {
    throw invalid(`${m}-of-${n} is no majority: two halves could contradict each other; see allow_minority_quorum`);
  }
};

/**
 * Checks the parameters of CreateClient. All values are text: addresses separated by commas or spaces, decimal numbers.
 * @throws ProofApiError `proof-api/invalid-request`
 */
export const parseNewClient = (parameters: Readonly<Record<string, string>>): NewClient => {
  const unknown = Object.keys(parameters).filter((key) => !(KNOWN as readonly string[]).includes(key));
  if (unknown.length > 0) throw invalid(`unknown parameters: ${unknown.join(', ').slice(0, 200)}`);
  const addresses = (parameters.attestor_addresses ?? '').split(/[\s,]+/).filter((part) => part !== '');
  if (addresses.length > MAX_SET_SIZE) {
    throw invalid(`attestor_addresses: at most ${MAX_SET_SIZE}, got ${addresses.length}`);
  }
  const quorum = integer(parameters, 'min_required_sigs', BigInt(MAX_QUORUM));
  if (quorum === undefined) throw invalid('min_required_sigs is missing');
  const height = integer(parameters, 'height', MAX_UINT64);
  const timestampSec = integer(parameters, 'timestamp', MAX_UINT64);
  if ((height === undefined) !== (timestampSec === undefined)) throw invalid('height and timestamp belong together');
  try {
    const set = createAttestorSet(addresses, Number(quorum));
    assertSafe(set, parameters);
    const initial = height === undefined || timestampSec === undefined ? undefined : { height, timestampSec };
    const roleManager = parseAddress(parameters.role_manager ?? `0x${'0'.repeat(40)}`);
    return { set, initial, roleManager };
  } catch (error) {
    if (error instanceof ProofApiError) throw error;
    throw new ProofApiError('proof-api/invalid-request', error instanceof Error ? error.message : 'bad parameters', {
      cause: error,
    });
  }
};

/** Creation code of the light client contract with its arguments: the data of a transaction without a receiver. */
export const encodeCreateClient = (
  { set, roleManager }: NewClient,
  initial: { readonly height: bigint; readonly timestampSec: bigint },
): Uint8Array =>
  hexToBytes(
    encodeDeployData({
      abi: attestationLightClientArtifact.abi,
      bytecode: attestationLightClientArtifact.bytecode,
      args: [[...set.attestors], set.minRequiredSigs, initial.height, initial.timestampSec, roleManager],
    }),
  );

import {
  type AttestorSet,
  createAttestorSet,
  isAttestationError,
  isMinorityQuorum,
  MAX_UINT64,
} from '@interchain-attestation/core';
import { ProofApiError } from '../errors.ts';

/** What a client starts from. */
export interface InitialState {
  readonly height: bigint;
  /** Unix seconds, whole ones: a part of a second would make the first honest update look like misbehaviour. */
  readonly timestampSec: bigint;
}

/** A client to come, its parameters checked. */
export interface NewClient {
  readonly set: AttestorSet;
  /** Undefined: take the newest that a quorum of the set signs. */
  readonly initial: InitialState | undefined;
  /** The unsigned transaction that creates it. */
  encode(initial: InitialState): Uint8Array;
}

export type Parameters = Readonly<Record<string, string>>;

/** Parameters of CreateClient that every kind of destination takes. */
const COMMON = [
  'attestor_addresses',
  'min_required_sigs',
  'height',
  'timestamp',
  'allow_minority_quorum',
  'allow_single_attestor',
] as const;

const MAX_QUORUM = 255;
/** A set is part of a contract's code, or of a state that every block pays for: about this many addresses fit. */
const MAX_SET_SIZE = 1_000;

export const invalidParameter = (message: string, cause?: unknown): ProofApiError =>
  new ProofApiError('proof-api/invalid-request', message, cause === undefined ? {} : { cause });

const integer = (parameters: Parameters, key: string, max: bigint): bigint | undefined => {
  const text = parameters[key]?.trim();
  if (text === undefined || text === '') return undefined;
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
  if (value < 1n || value > max) throw invalidParameter(`${key}: expected 1..${max}, got ${text.slice(0, 40)}`);
  return value;
};

const flag = (parameters: Parameters, key: string): boolean => {
  const text = parameters[key] ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalidParameter(`${key}: expected true or false, got ${text.slice(0, 40)}`);
};

const assertSafe = (set: AttestorSet, parameters: Parameters): void => {
  const { attestors, minRequiredSigs: m } = set;
  const n = attestors.length;
  if (n === 1) {
    if (!flag(parameters, 'allow_single_attestor')) {
      throw invalidParameter(
        '1-of-1: one key could forge anything; set allow_single_attestor=true to have it all the same',
      );
    }
  } else if (isMinorityQuorum(set) && !flag(parameters, 'allow_minority_quorum')) {
    throw invalidParameter(
      `${m}-of-${n} is no majority: two halves could contradict each other; see allow_minority_quorum`,
    );
  }
};

/** Runs a reader of core; what it refuses is the request's fault. */
export const readParameter = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!isAttestationError(error) || error instanceof ProofApiError) throw error;
    throw invalidParameter(error.message, error);
  }
};

/**
 * Checks what all kinds of clients have in common. All values are text: addresses separated by commas or spaces,
 * decimal numbers.
 * @param own names of parameters that only this kind of destination takes
 * @throws ProofApiError `proof-api/invalid-request`
 */
export const parseNewClient = (parameters: Parameters, own: readonly string[]): Omit<NewClient, 'encode'> => {
  const known: readonly string[] = [...COMMON, ...own];
  const unknown = Object.keys(parameters).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw invalidParameter(`unknown parameters: ${unknown.join(', ').slice(0, 200)}`);
  const addresses = (parameters.attestor_addresses ?? '').split(/[\s,]+/).filter((part) => part !== '');
  if (addresses.length > MAX_SET_SIZE) {
    throw invalidParameter(`attestor_addresses: at most ${MAX_SET_SIZE}, got ${addresses.length}`);
  }
  const quorum = integer(parameters, 'min_required_sigs', BigInt(MAX_QUORUM));
  if (quorum === undefined) throw invalidParameter('min_required_sigs is missing');
  const height = integer(parameters, 'height', MAX_UINT64);
  const timestampSec = integer(parameters, 'timestamp', MAX_UINT64);
  if ((height === undefined) !== (timestampSec === undefined)) {
    throw invalidParameter('height and timestamp belong together');
  }
  const set = readParameter(() => createAttestorSet(addresses, Number(quorum)));
  assertSafe(set, parameters);
  return { set, initial: height === undefined || timestampSec === undefined ? undefined : { height, timestampSec } };
};

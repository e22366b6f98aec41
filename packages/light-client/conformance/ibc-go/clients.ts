import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { utf8ToBytes } from '@interchain-attestation/core';
import { attestations } from '@interchain-attestation/proto';
import type { Random } from '../generate/random.ts';
import { type Key, keyAt } from '../generate/signatures.ts';
import { MAX, type Subject } from '../generate/subject.ts';
import { encodeFieldsLoosely } from './protobuf-mutations.ts';

/** Keys and values of a client's store. */
export type StoreEntries = readonly (readonly [key: string, value: Uint8Array])[];

/** A client of ibc-go in some state, and the store in which it stands. */
export interface IbcGoClient extends Subject {
  readonly name: string;
  readonly store: StoreEntries;
  /** How often the client is drawn: those on which most checks can be reached come up most. */
  readonly weight: number;
}

interface ClientSpec {
  readonly name?: string;
  readonly attestors: number;
  readonly minRequiredSigs: number;
  readonly frozen?: boolean;
  readonly latestHeight?: bigint;
  /** Height and timestamp in nanoseconds. */
  readonly states?: readonly (readonly [height: bigint, timestampNs: bigint])[];
  readonly spell?: (address: string) => string;
}

const NANOSECONDS = 1_000_000_000n;
const seconds = (value: bigint): bigint => BigInt.asUintN(64, value * NANOSECONDS);

const STATES: ClientSpec['states'] = [
  [100n, seconds(1_700_000_000n)],
  [101n, seconds(1_700_000_012n)],
  [105n, seconds(1_700_000_060n)],
  [90n, seconds(1_699_999_000n)],
];

const SPECS: readonly ClientSpec[] = [
  { attestors: 1, minRequiredSigs: 1 },
  { attestors: 5, minRequiredSigs: 1 },
  { attestors: 3, minRequiredSigs: 2 },
  { attestors: 5, minRequiredSigs: 3, latestHeight: MAX, states: [...STATES, [MAX, seconds(MAX)]] },
  { attestors: 7, minRequiredSigs: 5 },
  { attestors: 19, minRequiredSigs: 13 },
  { attestors: 4, minRequiredSigs: 4 },
  { name: '2 of 3, lower case', attestors: 3, minRequiredSigs: 2, spell: (address) => address.toLowerCase() },
  { name: '2 of 3, no 0x', attestors: 3, minRequiredSigs: 2, spell: (address) => address.slice(2).toUpperCase() },
  { name: '2 of 3, 0X', attestors: 3, minRequiredSigs: 2, spell: (address) => `0X${address.slice(2)}` },
  { attestors: 300, minRequiredSigs: 2 },
  { name: '2 of 3, timestamp 0', attestors: 3, minRequiredSigs: 2, latestHeight: 100n, states: [[100n, 0n]] },
  { name: '2 of 3, height 0', attestors: 3, minRequiredSigs: 2, latestHeight: 0n, states: [[0n, seconds(5n)]] },
  {
    name: '2 of 3, no whole seconds',
    attestors: 3,
    minRequiredSigs: 2,
    states: [...STATES, [103n, 1_700_000_030_500_000_001n]],
  },
  { name: '2 of 3, the highest of all', attestors: 3, minRequiredSigs: 2, latestHeight: MAX, states: [[MAX, MAX]] },
  { name: '2 of 3 frozen', attestors: 3, minRequiredSigs: 2, frozen: true },
  { name: '4294967295 of 3', attestors: 3, minRequiredSigs: 0xffff_ffff },
  { name: '0 of 3', attestors: 3, minRequiredSigs: 0 },
];

const typeUrl = (typeName: string): string => `/ibc.lightclients.attestations.v1.${typeName}`;

/** An Any with a message of the attestations client. */
export const anyOf = (typeName: string, value: Uint8Array): Uint8Array =>
  toBinary(AnySchema, create(AnySchema, { typeUrl: typeUrl(typeName), value }));

/** Protobuf ClientState, as MsgCreateClient carries it. */
export const clientStateBytes = (
  attestorAddresses: readonly string[],
  minRequiredSigs: number,
  latestHeight: bigint,
  isFrozen = false,
): Uint8Array =>
  toBinary(
    attestations.ClientStateSchema,
    create(attestations.ClientStateSchema, {
      attestorAddresses: [...attestorAddresses],
      minRequiredSigs,
      latestHeight,
      isFrozen,
    }),
  );

/** Protobuf ConsensusState, as MsgCreateClient carries it. */
export const consensusStateBytes = (timestamp: bigint): Uint8Array =>
  toBinary(attestations.ConsensusStateSchema, create(attestations.ConsensusStateSchema, { timestamp }));

const createClient = (spec: ClientSpec): IbcGoClient => {
  const { attestors, minRequiredSigs, frozen = false, latestHeight = 105n, states = STATES } = spec;
  const keys: Key[] = Array.from({ length: attestors }, (_, i) => keyAt(i));
  const { spell = (address: string) => address } = spec;
  const addresses = keys.map(({ address }) => spell(address));
  const known = states.map(([height]) => height);
  const timestamps = new Map(states);
  return {
    name: spec.name ?? `${minRequiredSigs} of ${attestors}`,
    keys,
    // What signatures are made for: a quorum of zero, or one that cannot be reached, gets two of them.
    minRequiredSigs: minRequiredSigs > attestors || minRequiredSigs === 0 ? 2 : minRequiredSigs,
    known,
    unknown: [0n, 1n, 102n, MAX].filter((height) => !known.includes(height)),
    timestampSecAt(height) {
      const timestamp = timestamps.get(height);
      return timestamp === undefined || timestamp % NANOSECONDS !== 0n ? undefined : timestamp / NANOSECONDS;
    },
    store: [
      ['clientState', anyOf('ClientState', clientStateBytes(addresses, minRequiredSigs, latestHeight, frozen))],
      ...states.map(
        ([height, timestamp]) =>
          [`consensusStates/0-${height}`, anyOf('ConsensusState', consensusStateBytes(timestamp))] as const,
      ),
    ],
    weight: frozen || minRequiredSigs > attestors || attestors > 10 ? 1 : 5,
  };
};

/** Clients in all states that matter; the last one is not there at all. */
export const CLIENTS: readonly IbcGoClient[] = [
  ...SPECS.map(createClient),
  { ...createClient({ attestors: 3, minRequiredSigs: 2 }), name: 'no client', store: [], weight: 1 },
];

/** The store with its values in another protobuf spelling: ibc-go must read them, and writes them normalised. */
export const respellStore = (random: Random, store: StoreEntries): StoreEntries =>
  store.map(([key, value]) => [key, respellAny(random, value)]);

const respellAny = (random: Random, bytes: Uint8Array): Uint8Array => {
  const { typeUrl: url, value } = fromBinary(AnySchema, bytes);
  return encodeFieldsLoosely(random, [
    { field: 1, value: utf8ToBytes(url) },
    { field: 2, value },
  ]);
};

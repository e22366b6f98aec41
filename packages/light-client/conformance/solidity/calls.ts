import {
  type AttestationKind,
  concatBytes,
  encodeAttestationProof,
  encodePacketAttestation,
  encodeStateAttestation,
  keccak256,
  type PacketCompact,
  sha256,
  utf8ToBytes,
} from '@interchain-attestation/core';
import { encodeEnvelopeLoosely, encodePacketsLoosely, mutateBytes } from './abi-mutations.ts';
import { MAX, type TwinClient } from './clients.ts';
import type { Random } from './random.ts';
import { signBadly, signWithQuorum } from './signatures.ts';

export interface ProofCall {
  readonly kind: 'verifyMembership' | 'verifyNonMembership';
  readonly proof: Uint8Array;
  readonly height: bigint;
  readonly revisionNumber: bigint;
  readonly path: readonly Uint8Array[];
  /** Not used for non-membership. */
  readonly value: Uint8Array;
}

/** One call of a client. */
export type Call =
  | { readonly kind: 'updateClient'; readonly message: Uint8Array }
  | { readonly kind: 'misbehaviour'; readonly message: Uint8Array }
  | ProofCall;

const ZERO = new Uint8Array(32);
const NO_BYTES = new Uint8Array(0);
/** Raw paths that attestations and proofs draw from; the empty one is a path like any other here. */
const PATHS = [...Array.from({ length: 6 }, (_, i) => utf8ToBytes(`client-${i}\u0001path`)), NO_BYTES];
const COMMITMENTS = [ZERO, ...Array.from({ length: 3 }, (_, i) => sha256(Uint8Array.of(i)))];

interface Entry {
  readonly path: Uint8Array;
  readonly commitment: Uint8Array;
}

const seal = (random: Random, twin: TwinClient, kind: AttestationKind, data: Uint8Array): Uint8Array => {
  const signatures = (random.chance(0.72) ? signWithQuorum : signBadly)(random, kind, data, twin);
  const choice = random.int(20);
  if (choice < 14) return encodeAttestationProof({ attestationData: data, signatures });
  const loose = encodeEnvelopeLoosely(random, data, signatures);
  return choice < 17
    ? loose
    : mutateBytes(random, choice < 19 ? encodeAttestationProof({ attestationData: data, signatures }) : loose);
};

const update = (random: Random, twin: TwinClient, height?: bigint): Uint8Array => {
  const known = random.pick(twin.known);
  const attested = {
    height: height ?? (random.chance(0.5) ? known : random.pick([1n, 103n, 104n, MAX - 1n, MAX, 0n])),
    timestampSec: random.chance(0.3)
      ? (twin.model.timestampAtHeight(known) ?? 7n)
      : random.pick([0n, 1n, 1_700_000_000n, 1_700_000_024n, MAX]),
  };
  const data = encodeStateAttestation(attested);
  return seal(random, twin, 'state', random.chance(0.85) ? data : mutateBytes(random, data));
};

const someEntries = (random: Random): Entry[] =>
  Array.from({ length: random.chance(0.08) ? 0 : 1 + random.int(random.chance(0.1) ? 40 : 5) }, () => ({
    path: random.pick(PATHS),
    commitment: random.chance(0.35) ? ZERO : random.pick(COMMITMENTS),
  }));

const packetsProof = (random: Random, twin: TwinClient, height: bigint, entries: readonly Entry[]): Uint8Array => {
  const packets: PacketCompact[] = entries.map(({ path, commitment }) => ({ path: keccak256(path), commitment }));
  const canonical = encodePacketAttestation({ height, packets });
  const choice = random.int(20);
  if (choice < 14) return seal(random, twin, 'packet', canonical);
  const loose = encodePacketsLoosely(
    random,
    height,
    packets.map((p) => concatBytes(p.path, p.commitment)),
  );
  return seal(random, twin, 'packet', choice < 17 ? loose : mutateBytes(random, choice < 19 ? canonical : loose));
};

const pathFor = (random: Random, path: Uint8Array): Uint8Array[] => {
  if (random.chance(0.96)) return [path];
  return random.pick([[], [path, path], [NO_BYTES, path], [path, path, path]]);
};

const valueFor = (random: Random, commitment: Uint8Array): Uint8Array => {
  if (random.chance(0.9)) return commitment;
  return random.pick([
    NO_BYTES,
    commitment.subarray(0, 31),
    commitment.subarray(0, 1),
    concatBytes(commitment, Uint8Array.of(1)),
    concatBytes(commitment, commitment),
    concatBytes(ZERO, commitment),
  ]);
};

/** Asks for one of the entries, most times rightly. */
const ask = (random: Random, height: bigint, proof: Uint8Array, entries: readonly Entry[]): ProofCall => {
  const any = { path: random.pick(PATHS), commitment: random.pick(COMMITMENTS) };
  const wanted = entries.length > 0 && random.chance(0.85) ? random.pick(entries) : any;
  const absent = wanted.commitment === ZERO ? random.chance(0.8) : random.chance(0.15);
  return {
    kind: absent ? 'verifyNonMembership' : 'verifyMembership',
    proof,
    height,
    revisionNumber: random.chance(0.9) ? 0n : BigInt(random.int(5)),
    path: pathFor(random, wanted.path),
    value: valueFor(random, random.chance(0.9) ? wanted.commitment : random.pick(COMMITMENTS)),
  };
};

const anyHeight = (random: Random, twin: TwinClient): bigint =>
  random.pick(random.chance(0.9) ? twin.known : twin.unknown);

const proofCall = (random: Random, twin: TwinClient): ProofCall => {
  const height = anyHeight(random, twin);
  const attested = random.chance(0.9) ? height : anyHeight(random, twin);
  const entries = someEntries(random);
  const proof = random.chance(0.04) ? NO_BYTES : packetsProof(random, twin, attested, entries);
  return ask(random, height, proof, entries);
};

const singleCall = (random: Random, twin: TwinClient): Call => {
  const choice = random.int(20);
  if (choice < 7) return { kind: 'updateClient', message: update(random, twin) };
  if (choice < 8) return { kind: 'misbehaviour', message: random.bytes(random.int(80)) };
  return proofCall(random, twin);
};

/** A transaction as a relayer makes it: an update, a full proof, then proofs that may be empty; and what can go wrong. */
const batch = (random: Random, twin: TwinClient): Call[] => {
  const calls: Call[] = [];
  const fresh = 102n + BigInt(random.int(3));
  const height = random.chance(0.4) ? fresh : anyHeight(random, twin);
  if (random.chance(0.6)) calls.push({ kind: 'updateClient', message: update(random, twin, height) });
  const seen: Entry[] = [];
  for (let i = 0, count = 2 + random.int(6); i < count; i++) {
    if (random.chance(0.04)) {
      // A contradiction in the middle: what was verified before it must not help after it.
      calls.push({ kind: 'updateClient', message: update(random, twin, random.pick([...twin.known, height])) });
    }
    const empty = seen.length > 0 && random.chance(0.7);
    const entries = empty ? seen : someEntries(random);
    const proof = empty ? NO_BYTES : packetsProof(random, twin, height, entries);
    calls.push(ask(random, random.chance(0.95) ? height : anyHeight(random, twin), proof, entries));
    if (!empty) seen.push(...entries);
  }
  return calls;
};

/** The calls of one case, made in one transaction. */
export const generateCalls = (random: Random, twin: TwinClient): Call[] => {
  const choice = random.int(10);
  if (choice < 5) return [singleCall(random, twin)];
  if (choice < 9) return batch(random, twin);
  return Array.from({ length: 2 + random.int(3) }, () => singleCall(random, twin));
};

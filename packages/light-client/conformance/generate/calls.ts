import {
  type AttestationKind,
  concatBytes,
  encodePacketAttestation,
  encodeStateAttestation,
  keccak256,
  type PacketCompact,
  sha256,
  utf8ToBytes,
} from '@interchain-attestation/core';
import { encodePacketsLoosely, mutateBytes } from './abi-mutations.ts';
import type { Random } from './random.ts';
import { signBadly, signWithQuorum } from './signatures.ts';
import { type Dialect, MAX, type Subject } from './subject.ts';

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

/** What calls are generated with: choices, the client they are for, and how its proofs travel. */
interface Generator {
  readonly random: Random;
  readonly subject: Subject;
  readonly dialect: Dialect;
}

const seal = ({ random, subject, dialect }: Generator, kind: AttestationKind, data: Uint8Array): Uint8Array => {
  const signatures = (random.chance(0.72) ? signWithQuorum : signBadly)(random, kind, data, subject);
  return dialect.seal(random, { attestationData: data, signatures });
};

const update = (generator: Generator, height?: bigint): Uint8Array => {
  const { random, subject } = generator;
  const known = random.pick(subject.known);
  const attested = {
    height: height ?? (random.chance(0.5) ? known : random.pick([1n, 103n, 104n, MAX - 1n, MAX, 0n])),
    timestampSec: random.chance(0.3)
      ? (subject.timestampSecAt(known) ?? 7n)
      : random.pick([0n, 1n, 1_700_000_000n, 1_700_000_024n, MAX]),
  };
  const data = encodeStateAttestation(attested);
  return seal(generator, 'state', random.chance(0.85) ? data : mutateBytes(random, data));
};

const someEntries = (random: Random): Entry[] =>
  Array.from({ length: random.chance(0.08) ? 0 : 1 + random.int(random.chance(0.1) ? 40 : 5) }, () => ({
    path: random.pick(PATHS),
    commitment: random.chance(0.35) ? ZERO : random.pick(COMMITMENTS),
  }));

const packetsProof = (generator: Generator, height: bigint, entries: readonly Entry[]): Uint8Array => {
  const { random } = generator;
  const packets: PacketCompact[] = entries.map(({ path, commitment }) => ({ path: keccak256(path), commitment }));
  const canonical = encodePacketAttestation({ height, packets });
  const choice = random.int(20);
  if (choice < 14) return seal(generator, 'packet', canonical);
  const loose = encodePacketsLoosely(
    random,
    height,
    packets.map((p) => concatBytes(p.path, p.commitment)),
  );
  return seal(generator, 'packet', choice < 17 ? loose : mutateBytes(random, choice < 19 ? canonical : loose));
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

const anyHeight = ({ random, subject }: Generator): bigint =>
  random.pick(random.chance(0.9) ? subject.known : subject.unknown);

const proofCall = (generator: Generator): ProofCall => {
  const { random } = generator;
  const height = anyHeight(generator);
  const attested = random.chance(0.9) ? height : anyHeight(generator);
  const entries = someEntries(random);
  const proof = random.chance(0.04) ? NO_BYTES : packetsProof(generator, attested, entries);
  return ask(random, height, proof, entries);
};

const singleCall = (generator: Generator): Call => {
  const { random } = generator;
  const choice = random.int(20);
  if (choice < 7) return { kind: 'updateClient', message: update(generator) };
  if (choice < 8) return { kind: 'misbehaviour', message: random.bytes(random.int(80)) };
  return proofCall(generator);
};

/** A transaction as a relayer makes it: an update, a full proof, then proofs that may be empty; and what can go wrong. */
const batch = (generator: Generator): Call[] => {
  const { random, subject, dialect } = generator;
  const calls: Call[] = [];
  const fresh = 102n + BigInt(random.int(3));
  const height = random.chance(0.4) ? fresh : anyHeight(generator);
  if (random.chance(0.6)) calls.push({ kind: 'updateClient', message: update(generator, height) });
  const seen: Entry[] = [];
  for (let i = 0, count = 2 + random.int(6); i < count; i++) {
    if (random.chance(0.04)) {
      // A contradiction in the middle: what was verified before it must not help after it.
      calls.push({ kind: 'updateClient', message: update(generator, random.pick([...subject.known, height])) });
    }
    const empty = dialect.emptyFollowUpProofs && seen.length > 0 && random.chance(0.7);
    const entries = empty ? seen : someEntries(random);
    const proof = empty ? NO_BYTES : packetsProof(generator, height, entries);
    calls.push(ask(random, random.chance(0.95) ? height : anyHeight(generator), proof, entries));
    if (!empty) seen.push(...entries);
  }
  return calls;
};

/** The calls of one case, made one after the other. */
export const generateCalls = (random: Random, subject: Subject, dialect: Dialect): Call[] => {
  const generator = { random, subject, dialect };
  const choice = random.int(10);
  if (choice < 5) return [singleCall(generator)];
  if (choice < 9) return batch(generator);
  return Array.from({ length: 2 + random.int(3) }, () => singleCall(generator));
};

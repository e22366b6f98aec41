import {
  type AttestationKind,
  concatBytes,
  encodePacketAttestation,
  encodeStateAttestation,
  keccak256,
  sha256,
  signDigest,
  signingDigest,
  utf8ToBytes,
} from '@interchain-attestation/core';
import type { Call } from './calls.ts';
import { keyAt } from './signatures.ts';
import type { Dialect, Subject } from './subject.ts';

// Which error a call with two faults ends in depends on the order of the checks alone. Random cases seldom have two
// faults at once, so here every pair is made on purpose.

const SIGNATURE_FAULTS = ['length', 'high-s', 'bad-v', 'zero-r', 'stranger', 'double'] as const;
const SHARED_FAULTS = ['proof-cut', 'proof-empty', 'signatures-none', 'signatures-few', 'data-cut'] as const;
const PROOF_FAULTS = [
  'value-empty',
  'value-short',
  'value-long',
  'path-none',
  'path-two',
  'path-element-empty',
  'height-unknown',
  'height-other',
  'packets-none',
  'not-listed',
  'otherwise-listed',
] as const;
const UPDATE_FAULTS = ['height-zero', 'time-zero'] as const;

type Fault =
  | (typeof SIGNATURE_FAULTS)[number]
  | (typeof SHARED_FAULTS)[number]
  | (typeof PROOF_FAULTS)[number]
  | (typeof UPDATE_FAULTS)[number];
type Faults = readonly Fault[];

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const PATH = utf8ToBytes('client-0\u0001path');
const COMMITMENT = sha256(PATH);
const ZERO = new Uint8Array(32);

const spoil = (signature: Uint8Array, fault: Fault, digest: Uint8Array, subject: Subject): Uint8Array => {
  const out = signature.slice();
  switch (fault) {
    case 'length':
      return out.subarray(0, 64);
    case 'high-s': {
      const s = ORDER - out.subarray(32, 64).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
      for (let i = 31, rest = s; i >= 0; i--, rest >>= 8n) out[32 + i] = Number(rest & 0xffn);
      out[64] = 55 - (out[64] ?? 0);
      return out;
    }
    case 'bad-v':
      out[64] = (out[64] ?? 0) - 27;
      return out;
    case 'zero-r':
      return out.fill(0, 0, 32);
    case 'stranger':
      return signDigest(digest, keyAt(1000).privateKey);
    case 'double':
      return signDigest(digest, (subject.keys[0] ?? keyAt(0)).privateKey);
    default:
      return out;
  }
};

/** Signatures 0, 1, … of the set; the first fault hits the second signature, the next ones the signatures after it. */
const signWith = (kind: AttestationKind, data: Uint8Array, subject: Subject, faults: Faults): Uint8Array[] => {
  const digest = signingDigest(kind, data);
  const signatures = subject.keys
    .slice(0, subject.minRequiredSigs + 1)
    .map((key) => signDigest(digest, key.privateKey));
  let at = 1;
  for (const fault of faults) {
    if (!isSignatureFault(fault)) continue;
    signatures[at] = spoil(signatures[at] ?? ZERO, fault, digest, subject);
    at++;
  }
  if (faults.includes('signatures-none')) return [];
  return faults.includes('signatures-few') ? signatures.slice(0, subject.minRequiredSigs - 1) : signatures;
};

/** A client, and how proofs reach it. */
interface Target {
  readonly subject: Subject;
  readonly dialect: Dialect;
}

const seal = (kind: AttestationKind, whole: Uint8Array, { subject, dialect }: Target, faults: Faults): Uint8Array => {
  if (faults.includes('proof-empty')) return new Uint8Array(0);
  const attestationData = faults.includes('data-cut') ? whole.subarray(0, whole.length - 1) : whole;
  const proof = dialect.encode({ attestationData, signatures: signWith(kind, attestationData, subject, faults) });
  return faults.includes('proof-cut') ? proof.subarray(0, proof.length - 32) : proof;
};

const makeUpdate = (target: Target, faults: Faults): Call => {
  const data = encodeStateAttestation({
    height: faults.includes('height-zero') ? 0n : 103n,
    timestampSec: faults.includes('time-zero') ? 0n : 1_700_000_030n,
  });
  return { kind: 'updateClient', message: seal('state', data, target, faults) };
};

const makeProof = (kind: 'verifyMembership' | 'verifyNonMembership', target: Target, faults: Faults): Call => {
  const height = faults.includes('height-unknown') ? 1n : (target.subject.known[0] ?? 0n);
  const listed = kind === 'verifyMembership' ? COMMITMENT : ZERO;
  const commitment = faults.includes('otherwise-listed') ? sha256(listed) : listed;
  const path = faults.includes('not-listed') ? COMMITMENT : keccak256(PATH);
  const data = encodePacketAttestation({
    height: faults.includes('height-other') ? height + 7n : height,
    packets: faults.includes('packets-none') ? [] : [{ path, commitment }],
  });
  let value = listed;
  if (faults.includes('value-short')) value = listed.subarray(0, 31);
  if (faults.includes('value-long')) value = concatBytes(listed, Uint8Array.of(0));
  if (faults.includes('value-empty')) value = new Uint8Array(0);
  return {
    kind,
    proof: seal('packet', data, target, faults),
    height,
    revisionNumber: 0n,
    path: faultyPath(faults),
    value,
  };
};

const faultyPath = (faults: Faults): Uint8Array[] => {
  if (faults.includes('path-none')) return [];
  const element = faults.includes('path-element-empty') ? new Uint8Array(0) : PATH;
  return faults.includes('path-two') ? [element, PATH] : [element];
};

const isSignatureFault = (fault: Fault): boolean => (SIGNATURE_FAULTS as readonly Fault[]).includes(fault);

/** Pairs are in one order, except that of two bad signatures either may come first. */
const pairs = (faults: Faults): Faults[] =>
  faults.flatMap((first, i) =>
    faults
      .filter((second, j) => j > i || (j < i && isSignatureFault(first) && isSignatureFault(second)))
      .map((second) => [first, second]),
  );

/** One call for each fault and, unless only those are asked for, for each pair of them; against one client. */
export const faultCases = (
  target: Target,
  options: { readonly pairs: boolean },
): { readonly name: string; readonly call: Call }[] => {
  const combine = (faults: Faults): Faults[] => [
    [],
    ...faults.map((fault) => [fault]),
    ...(options.pairs ? pairs(faults) : []),
  ];
  const name = (kind: string, faults: Faults): string => `${kind} with ${faults.join(' and ') || 'no fault'}`;
  const common = [...SIGNATURE_FAULTS, ...SHARED_FAULTS];
  const proofKinds = ['verifyMembership', 'verifyNonMembership'] as const;
  return [
    { name: 'misbehaviour', call: { kind: 'misbehaviour', message: PATH } },
    ...combine([...common, ...UPDATE_FAULTS]).map((faults) => ({
      name: name('updateClient', faults),
      call: makeUpdate(target, faults),
    })),
    ...proofKinds.flatMap((kind) =>
      combine([...common, ...PROOF_FAULTS]).map((faults) => ({
        name: name(kind, faults),
        call: makeProof(kind, target, faults),
      })),
    ),
  ];
};

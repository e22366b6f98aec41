import {
  type Address,
  concatBytes,
  encodePacketAttestation,
  encodeUint64,
  keccak256,
  privateKeyToAddress,
  sha256,
  signDigest,
  signingDigest,
  utf8ToBytes,
} from '@interchain-attestation/core';
import { encodeProtobufProof, ibcGoModulePolicy } from '@interchain-attestation/light-client';

/** A proof of the last of its packets. */
export interface BenchProof {
  readonly proof: Uint8Array;
  readonly path: Uint8Array;
  readonly value: Uint8Array;
}

/** A signature of a proof, with v of 0 or 1 as the C library takes it. */
export interface BenchSignature {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

/** One size of attestor set and of batch, with proofs that verify. */
export interface BenchSetup {
  readonly name: string;
  readonly signatures: number;
  readonly packets: number;
  readonly attestors: readonly Address[];
  readonly height: bigint;
  /** Keys and values of the client's store. */
  readonly store: readonly (readonly [key: string, value: Uint8Array])[];
  /** Several, so that no two verifications in a row see the same bytes. */
  readonly proofs: readonly BenchProof[];
  /** All signatures of all proofs. */
  readonly recoveries: readonly BenchSignature[];
}

const HEIGHT = 1_000_000n;
const PROOFS = 16;

/** Proofs by exactly m attestors, each over `packets` packets. */
export const createSetup = (minRequiredSigs: number, attestorCount: number, packets: number): BenchSetup => {
  const keys = Array.from({ length: attestorCount }, (_, i) => sha256(utf8ToBytes(`bench attestor ${i}`)));
  const attestors = keys.map((key) => privateKeyToAddress(key));
  const { codec, toConsensusTimestamp } = ibcGoModulePolicy;
  const recoveries: BenchSignature[] = [];
  const proofs = Array.from({ length: PROOFS }, (_, proofIndex): BenchProof => {
    const paths = Array.from({ length: packets }, (_, i) =>
      concatBytes(utf8ToBytes('attestations-0'), Uint8Array.of(1), encodeUint64(BigInt(proofIndex * packets + i + 1))),
    );
    const entries = paths.map((path) => ({ path: keccak256(path), commitment: sha256(path) }));
    const attestationData = encodePacketAttestation({ height: HEIGHT, packets: entries });
    const digest = signingDigest('packet', attestationData);
    const signatures = keys.slice(0, minRequiredSigs).map((key) => signDigest(digest, key));
    for (const signature of signatures) {
      const v = (signature[64] ?? 27) - 27;
      recoveries.push({ digest, signature: concatBytes(signature.subarray(0, 64), Uint8Array.of(v)) });
    }
    const path = paths.at(-1) ?? digest;
    return { proof: encodeProtobufProof({ attestationData, signatures }), path, value: sha256(path) };
  });
  return {
    name: `${minRequiredSigs}of${attestorCount} k=${packets}`,
    signatures: minRequiredSigs,
    packets,
    attestors,
    height: HEIGHT,
    store: [
      [
        codec.clientStateKey,
        codec.encodeClientState({ attestors, minRequiredSigs, latestHeight: HEIGHT, isFrozen: false }),
      ],
      [
        codec.consensusStateKey(HEIGHT),
        codec.encodeConsensusState({ timestamp: toConsensusTimestamp(1_700_000_000n) }),
      ],
    ],
    proofs,
    recoveries,
  };
};

import {
  type Address,
  type AttestationKind,
  encodeAttestationProof,
  encodePacketAttestation,
  encodeStateAttestation,
  keccak256,
  type PacketCompact,
  privateKeyToAddress,
  sha256,
  signDigest,
  signingDigest,
  utf8ToBytes,
} from '@interchain-attestation/core';

export interface Attestor {
  readonly privateKey: Uint8Array;
  readonly address: Address;
}

/** Attestor number `index` of a test: its key is a hash, so that runs agree. */
export const attestor = (index: number): Attestor => {
  const privateKey = sha256(utf8ToBytes(`attestor ${index}`));
  return { privateKey, address: privateKeyToAddress(privateKey) };
};

/** The first `count` test attestors. */
export const attestors = (count: number): Attestor[] => Array.from({ length: count }, (_, i) => attestor(i));

export const sign = (kind: AttestationKind, data: Uint8Array, signers: readonly Attestor[]): Uint8Array[] =>
  signers.map(({ privateKey }) => signDigest(signingDigest(kind, data), privateKey));

/** A proof of state, signed by `signers`. */
export const stateProof = (height: bigint, timestampSec: bigint, signers: readonly Attestor[]): Uint8Array => {
  const attestationData = encodeStateAttestation({ height, timestampSec });
  return encodeAttestationProof({ attestationData, signatures: sign('state', attestationData, signers) });
};

/** A proof of packets, signed by `signers`. */
export const packetProof = (
  height: bigint,
  packets: readonly PacketCompact[],
  signers: readonly Attestor[],
): Uint8Array => {
  const attestationData = encodePacketAttestation({ height, packets });
  return encodeAttestationProof({ attestationData, signatures: sign('packet', attestationData, signers) });
};

/** Some 32 bytes, different for each text. */
export const word = (text: string): Uint8Array => sha256(utf8ToBytes(text));
export const ZERO_WORD: Uint8Array = new Uint8Array(32);

/** A raw path, and an attestation entry for it. */
export const rawPath = (name: string): Uint8Array => utf8ToBytes(`path ${name}`);
export const entry = (name: string, commitment: Uint8Array): PacketCompact => ({
  path: keccak256(rawPath(name)),
  commitment,
});

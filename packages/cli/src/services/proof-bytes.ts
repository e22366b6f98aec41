import { type AttestationProof, encodeAttestationProof, readAttestationProof } from '@interchain-attestation/core';
import { encodeProtobufProof, readProtobufProof } from '@interchain-attestation/light-client';
import { CliError } from '../output/errors.ts';
import type { ProofForm } from './profile.ts';

/** A proof with the form that its bytes were in. */
export interface ReadProof {
  readonly form: ProofForm;
  readonly proof: AttestationProof;
  /** False when the bytes are not the one encoding that an honest maker would choose. */
  readonly canonical: boolean;
}

const readAbi = (bytes: Uint8Array): ReadProof => {
  const { canonical, ...proof } = readAttestationProof(bytes);
  return { form: 'abi', proof, canonical };
};

const readProtobuf = (bytes: Uint8Array): ReadProof => {
  const proof = readProtobufProof(bytes);
  return { form: 'protobuf', proof, canonical: Buffer.from(encodeProtobufProof(proof)).equals(bytes) };
};

/** Attested data is a whole number of words: 64 bytes for a state, 192 and more for packets. */
const isPlausible = ({ proof }: ReadProof): boolean =>
  proof.attestationData.length >= 64 && proof.attestationData.length % 32 === 0;

/**
 * Reads an AttestationProof of either form. An ABI encoding begins with a word that holds an offset, whose zero bytes
 * protobuf does not know as fields: no bytes read as both.
 * @param form when the sender knows it
 * @throws CoreError or LightClientError when it is neither: what the form that it looks like has to say
 */
export const readProofBytes = (bytes: Uint8Array, form?: ProofForm): ReadProof => {
  if (form !== undefined) return form === 'abi' ? readAbi(bytes) : readProtobuf(bytes);
  if (bytes[0] === 0) return readAbi(bytes);
  const read = readProtobuf(bytes);
  if (isPlausible(read)) return read;
  // Neither: an ABI reader says more about bytes that begin with anything.
  try {
    return readAbi(bytes);
  } catch {
    return read;
  }
};

/** Proofs in the form that a client takes, whatever form they came in. @throws CliError `cli/usage` */
export const toForm = (proofs: readonly Uint8Array[], form: ProofForm): readonly Uint8Array[] =>
  proofs.map((bytes) => {
    try {
      const read = readProofBytes(bytes);
      if (read.form === form) return bytes;
      return form === 'abi'
        ? encodeAttestationProof({ attestationData: read.proof.attestationData, signatures: read.proof.signatures })
        : encodeProtobufProof(read.proof);
    } catch (cause) {
      throw new CliError('cli/usage', `this is no proof: ${(cause as Error).message}`, { cause });
    }
  });

import { encodeAttestationProof } from '@interchain-attestation/core';
import { encodeEnvelopeLoosely, mutateBytes } from '../generate/abi-mutations.ts';
import type { Dialect } from '../generate/subject.ts';

/** Proofs as the Solidity client takes them: ABI. */
export const solidityDialect: Dialect = {
  encode: encodeAttestationProof,
  seal(random, proof) {
    const choice = random.int(20);
    if (choice < 14) return encodeAttestationProof(proof);
    const loose = encodeEnvelopeLoosely(random, proof.attestationData, proof.signatures);
    if (choice < 17) return loose;
    return mutateBytes(random, choice < 19 ? encodeAttestationProof(proof) : loose);
  },
  emptyFollowUpProofs: true,
};

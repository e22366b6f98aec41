import { create, toBinary } from '@bufbuild/protobuf';
import type { AttestationProof } from '@interchain-attestation/core';
import { attestations } from '@interchain-attestation/proto';
import type { Dialect } from '../generate/subject.ts';
import { type BytesField, damageFields, encodeFieldsLoosely } from './protobuf-mutations.ts';

const fieldsOf = ({ attestationData, signatures }: AttestationProof): BytesField[] => [
  { field: 1, value: attestationData },
  ...signatures.map((value) => ({ field: 2, value })),
];

const encode = ({ attestationData, signatures }: AttestationProof): Uint8Array =>
  toBinary(
    attestations.AttestationProofSchema,
    create(attestations.AttestationProofSchema, { attestationData, signatures: [...signatures] }),
  );

/** Proofs as ibc-go takes them: protobuf, written by a library that shares no code with what is compared. */
export const ibcGoDialect: Dialect = {
  encode,
  seal(random, proof) {
    const choice = random.int(20);
    if (choice < 12) return encode(proof);
    return (choice < 16 ? encodeFieldsLoosely : damageFields)(random, fieldsOf(proof));
  },
  emptyFollowUpProofs: false,
};

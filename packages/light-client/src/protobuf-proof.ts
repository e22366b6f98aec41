import type { AttestationProof } from '@interchain-attestation/core';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Type URL under which a proof travels in MsgUpdateClient. */
export const PROTOBUF_PROOF_TYPE_URL = '/ibc.lightclients.attestations.v1.AttestationProof';

const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * What ibc-go makes of the bytes of a proof (`ibc.lightclients.attestations.v1.AttestationProof`). Read in place: data
 * and signatures are views. Of several attestation data fields the last one counts.
 * @throws LightClientError `light-client/protobuf-malformed`
 */
export const readProtobufProof = (bytes: Uint8Array): AttestationProof => {
  const reader = new ProtobufReader(bytes);
  let attestationData = EMPTY;
  const signatures: Uint8Array[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) attestationData = reader.bytes();
    else if (field === 2) signatures.push(reader.bytes());
    else reader.skip();
  }
  return { attestationData, signatures };
};

/** Protobuf form of a proof, as light clients on Cosmos take it: the one canonical encoding. */
export const encodeProtobufProof = (proof: AttestationProof): Uint8Array => {
  const writer = new ProtobufWriter().bytes(1, proof.attestationData);
  for (const signature of proof.signatures) writer.bytes(2, signature, 'repeated');
  return writer.finish();
};

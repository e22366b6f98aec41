import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { PROTOBUF_PROOF_TYPE_URL } from '@interchain-attestation/light-client';

const LENGTH_DELIMITED = 2;

const field = (writer: BinaryWriter, number: number, value: Uint8Array | string): BinaryWriter => {
  writer.tag(number, LENGTH_DELIMITED);
  return typeof value === 'string' ? writer.string(value) : writer.bytes(value);
};

const any = (typeUrl: string, value: Uint8Array): Uint8Array =>
  field(field(new BinaryWriter(), 1, typeUrl), 2, value).finish() as Uint8Array;

/**
 * `cosmos.tx.v1beta1.TxBody` with one `ibc.core.client.v1.MsgUpdateClient` that carries an AttestationProof. Its signer
 * is left for whoever sends it. Source: wire format, section 4.
 */
export const encodeUpdateBody = (clientId: string, proof: Uint8Array): Uint8Array => {
  const message = field(field(new BinaryWriter(), 1, clientId), 2, any(PROTOBUF_PROOF_TYPE_URL, proof)).finish();
  return field(new BinaryWriter(), 1, any('/ibc.core.client.v1.MsgUpdateClient', message)).finish() as Uint8Array;
};

import { AbiReader, throwNonCanonical } from './abi/reader.ts';
import { AbiWriter, padded } from './abi/writer.ts';

/** Attested data with the signatures over it. On EVM it travels as ABI, on Cosmos as protobuf (package `proto`). */
export interface AttestationProof {
  readonly attestationData: Uint8Array;
  /** 65-byte r || s || v each. */
  readonly signatures: readonly Uint8Array[];
}

/** ABI form of a proof, as light clients on EVM take it. */
export const encodeAttestationProof = (proof: AttestationProof): Uint8Array => {
  const dataBytes = 32 + padded(proof.attestationData.length);
  const tails = proof.signatures.map((signature) => 32 + padded(signature.length));
  const total = 32 + 64 + dataBytes + 32 + 32 * tails.length + tails.reduce((sum, tail) => sum + tail, 0);
  const writer = new AbiWriter(total)
    .size(32)
    .size(64)
    .size(64 + dataBytes);
  writer.bytes(proof.attestationData).size(tails.length);
  let offset = 32 * tails.length;
  for (const tail of tails) {
    writer.size(offset);
    offset += tail;
  }
  for (const signature of proof.signatures) writer.bytes(signature);
  return writer.data;
};

/**
 * What Solidity's `abi.decode` makes of `data`, and whether it is the canonical form.
 * @throws CoreError `abi/truncated`, `abi/offset-out-of-range`, `abi/length-out-of-range`
 */
export const readAttestationProof = (data: Uint8Array): AttestationProof & { readonly canonical: boolean } => {
  const reader = new AbiReader(data);
  const struct = reader.follow(0, 0, 64, 'AttestationProof');
  const attestationData = reader.bytes(reader.follow(struct, struct, 32, 'attestationData'), 'attestationData');
  const array = reader.follow(struct + 32, struct, 32, 'signatures');
  const count = reader.length(array, 32, 'signatures');
  const heads = array + 32;
  const signatures = Array.from({ length: count }, (_, i) =>
    reader.bytes(reader.follow(heads + 32 * i, heads, 32, 'signature'), 'signature'),
  );
  return { attestationData, signatures, canonical: reader.canonical };
};

/**
 * Strict decoder: only the canonical form.
 * @throws CoreError as {@link readAttestationProof}, and `abi/non-canonical`
 */
export const decodeAttestationProof = (data: Uint8Array): AttestationProof => {
  const { attestationData, signatures, canonical } = readAttestationProof(data);
  if (!canonical) throwNonCanonical('AttestationProof');
  return { attestationData, signatures };
};

import {
  type Address,
  type AttestationKind,
  type PacketCompact,
  packetCompactAt,
  recoverSigner,
  type SignatureFault,
  signingDigest,
} from '@interchain-attestation/core';
import type { Policy } from './policy.ts';

/** What a proof says. */
export type AttestedStatement =
  | { readonly kind: 'state'; readonly height: bigint; readonly timestampSec: bigint }
  | { readonly kind: 'packet'; readonly height: bigint; readonly packets: readonly PacketCompact[] };

/** One signature of a proof, looked at on its own. */
export type SignatureInspection =
  | { readonly ok: true; readonly signer: Address; readonly known: boolean; readonly duplicate: boolean }
  | { readonly ok: false; readonly fault: SignatureFault };

export interface ProofInspection {
  readonly statement: AttestedStatement;
  /** One for each signature, in the order of the proof. */
  readonly signatures: readonly SignatureInspection[];
  /** Distinct known signers: compare with the quorum. */
  readonly signers: readonly Address[];
}

const STATE_BYTES = 64;

const readStatement = (policy: Policy, kind: AttestationKind, data: Uint8Array): AttestedStatement => {
  if (kind === 'state') {
    const { height, timestampSec } = policy.decode.state(data);
    return { kind, height, timestampSec };
  }
  const view = policy.decode.packets(data);
  return { kind, height: view.height, packets: Array.from({ length: view.count }, (_, i) => packetCompactAt(view, i)) };
};

/**
 * Takes a proof apart for a person: what is stated, and who signed it. Whether a client would accept it is another
 * question, for `createSnapshotClient`: a client stops at the first fault, this looks at every signature.
 * @param attestors EIP-55 addresses of the client's set
 * @param kind what the proof is; without it, data of 64 bytes is taken for a state attestation
 * @throws CoreError when the proof or the attested data does not decode
 */
export const inspectProof = (
  policy: Policy,
  attestors: readonly Address[],
  proof: Uint8Array,
  kind?: AttestationKind,
): ProofInspection => {
  const { attestationData, signatures } = policy.decode.proof(proof);
  const statedKind = kind ?? (attestationData.length === STATE_BYTES ? 'state' : 'packet');
  const digest = signingDigest(statedKind, attestationData);
  const seen = new Set<Address>();
  const inspected = signatures.map((signature): SignatureInspection => {
    const recovered = recoverSigner(digest, signature, policy.signatures.rules);
    if (!recovered.ok) return recovered;
    const duplicate = seen.has(recovered.address);
    seen.add(recovered.address);
    return { ok: true, signer: recovered.address, known: attestors.includes(recovered.address), duplicate };
  });
  return {
    statement: readStatement(policy, statedKind, attestationData),
    signatures: inspected,
    signers: attestors.filter((attestor) => seen.has(attestor)),
  };
};

import {
  type Address,
  type AttestationKind,
  type AttestationProof,
  recoverSigner,
  type SignatureFault,
  signingDigest,
} from '@interchain-attestation/core';
import type { Policy } from './policy.ts';
import type { ClientState } from './state.ts';
import type { Fault } from './verdict.ts';

const signatureFault = (fault: SignatureFault, index: number, signature: Uint8Array): Fault => {
  switch (fault) {
    case 'length':
      return { code: 'signature-length', index, signature };
    case 'high-s':
      return { code: 'signature-high-s', index, s: signature.slice(32, 64) };
    case 'recovery-id':
    case 'unrecoverable':
      return { code: 'signature-invalid', index, signature };
  }
};

/**
 * Checks the signatures of a proof as a client does: not fewer than the quorum, and every one of them valid, by a known
 * attestor, and by another than the rest. Signatures beyond the quorum are no spares: one bad one spoils the proof.
 */
export const verifySignatures = (
  policy: Policy,
  kind: AttestationKind,
  state: ClientState,
  proof: AttestationProof,
): Fault | undefined => {
  const { signatures, attestationData } = proof;
  if (signatures.length === 0) return { code: 'signatures-empty' };
  if (signatures.length < state.minRequiredSigs) {
    return { code: 'threshold-not-met', got: signatures.length, required: state.minRequiredSigs };
  }
  const digest = signingDigest(kind, attestationData);
  const seen = new Set<Address>();
  for (const [index, signature] of signatures.entries()) {
    const recovered = recoverSigner(digest, signature, policy.signatures.rules);
    if (!recovered.ok) return signatureFault(recovered.fault, index, signature);
    const signer = recovered.address;
    for (const check of policy.signatures.signerChecks) {
      if (check === 'known' && !state.attestors.includes(signer)) return { code: 'unknown-signer', index, signer };
      if (check === 'distinct' && seen.has(signer)) return { code: 'duplicate-signer', index, signer };
    }
    seen.add(signer);
  }
  return undefined;
};

import {
  type Address,
  type AttestationKind,
  type AttestationProof,
  checksumAddress,
  equalBytes,
  recoverAddressBytes,
  type SignatureFault,
  signingDigest,
} from '@interchain-attestation/core';
import { AttestorIndex } from './attestor-index.ts';
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
  const attestors = AttestorIndex.of(state.attestors);
  // Addresses stay bytes: spelling one in mixed case costs a hash of its own.
  const seen: Uint8Array[] = [];
  for (let index = 0; index < signatures.length; index++) {
    const signature = signatures[index] as Uint8Array;
    const signer = recoverAddressBytes(digest, signature, policy.signatures.rules);
    if (typeof signer === 'string') return signatureFault(signer, index, signature);
    for (const check of policy.signatures.signerChecks) {
      if (check === 'known' ? attestors.has(signer) : !seen.some((other) => equalBytes(other, signer))) continue;
      const address: Address = checksumAddress(signer);
      return { code: check === 'known' ? 'unknown-signer' : 'duplicate-signer', index, signer: address };
    }
    seen.push(signer);
  }
  return undefined;
};

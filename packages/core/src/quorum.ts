import type { Address } from './address.ts';
import type { AttestorSet } from './attestor-set.ts';
import type { Secp256k1 } from './crypto/backend.ts';
import { recoverSigner, type SignatureFault, STRICT_SIGNATURE_RULES } from './signing.ts';

/** Why a signature does not count. */
export type QuorumFault = SignatureFault | 'unknown-signer' | 'duplicate-signer';

export interface RejectedSignature {
  /** Position in the list that was given. */
  readonly index: number;
  readonly fault: QuorumFault;
  /** Present when a signer could be recovered. */
  readonly signer?: Address;
}

export interface AcceptedSignature {
  readonly index: number;
  readonly signer: Address;
  readonly signature: Uint8Array;
}

/** Exactly m accepted signatures, or too few; what was looked at and dropped is listed either way. */
export interface QuorumSelection {
  readonly reached: boolean;
  readonly accepted: readonly AcceptedSignature[];
  readonly rejected: readonly RejectedSignature[];
}

/**
 * Picks exactly m signatures of distinct known attestors over `digest`, in the order given, and stops there: a light
 * client rejects a whole proof for one signature that is unknown, doubled or broken, and every further one costs gas.
 * @param digest 32 bytes
 */
export const selectQuorum = (
  set: AttestorSet,
  digest: Uint8Array,
  signatures: readonly Uint8Array[],
  crypto?: Secp256k1,
): QuorumSelection => {
  const accepted: AcceptedSignature[] = [];
  const rejected: RejectedSignature[] = [];
  const seen = new Set<Address>();
  for (const [index, signature] of signatures.entries()) {
    if (accepted.length === set.minRequiredSigs) break;
    const recovered = recoverSigner(digest, signature, STRICT_SIGNATURE_RULES, crypto);
    if (!recovered.ok) {
      rejected.push({ index, fault: recovered.fault });
    } else if (set.indexOf(recovered.address) === undefined) {
      rejected.push({ index, fault: 'unknown-signer', signer: recovered.address });
    } else if (seen.has(recovered.address)) {
      rejected.push({ index, fault: 'duplicate-signer', signer: recovered.address });
    } else {
      seen.add(recovered.address);
      accepted.push({ index, signer: recovered.address, signature });
    }
  }
  return { reached: accepted.length === set.minRequiredSigs, accepted, rejected };
};

import { type AttestationProof, isAttestationError, type StateAttestation } from '@interchain-attestation/core';
import type { Policy } from './policy.ts';
import type { Fault } from './verdict.ts';

const SIGNATURE_BYTES = 65;

const decoded = <T>(decode: () => T): T | undefined => {
  try {
    return decode();
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    return undefined;
  }
};

const dataProblem = ({ decode }: Policy, data: Uint8Array): string | undefined => {
  if (data.length === 0) return 'attestation data is empty';
  // Packets come first, and any data that decodes as such is held to be some: a state of all zeros is a list of none.
  const packets = decoded(() => decode.packets(data));
  if (packets !== undefined) return packets.count === 0 ? 'packets are empty' : undefined;
  const state: StateAttestation | undefined = decoded(() => decode.state(data));
  return state === undefined ? 'attestation data is neither a state nor packets' : undefined;
};

/**
 * What is wrong with an update message as such. ibc-go asks this before it looks at the client; a list of packets
 * passes, and is only found to be no state later.
 */
export const checkMessage = (policy: Policy, proof: AttestationProof): Fault | undefined => {
  const problem = dataProblem(policy, proof.attestationData);
  if (problem !== undefined) return { code: 'message-invalid', reason: problem };
  if (proof.signatures.length === 0) return { code: 'message-invalid', reason: 'there are no signatures' };
  const at = proof.signatures.findIndex((signature) => signature.length !== SIGNATURE_BYTES);
  return at < 0
    ? undefined
    : { code: 'message-invalid', reason: `signature ${at} has ${proof.signatures[at]?.length} bytes instead of 65` };
};

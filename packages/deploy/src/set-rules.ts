import { type AttestorSet, isMinorityQuorum } from '@interchain-attestation/core';
import { DeployError } from './errors.ts';

/** Whom a client shall believe, and what the operator allows by name. */
export interface SetOptions {
  readonly set: AttestorSet;
  readonly allowMinorityQuorum: boolean;
  readonly allowSingleAttestor: boolean;
}

/**
 * @param label the client, for the message
 * @throws DeployError `deploy/invalid-input` for a set that needs an allowance it does not have
 */
export const assertSafeSet = (label: string, { set, allowMinorityQuorum, allowSingleAttestor }: SetOptions): void => {
  const { attestors, minRequiredSigs } = set;
  const refuse = (text: string): never => {
    throw new DeployError('deploy/invalid-input', `${label}: ${text}`, { meta: { clientId: label } });
  };
  if (attestors.length === 1) {
    if (!allowSingleAttestor) refuse('one attestor alone would decide (allowSingleAttestor is not set)');
  } else if (isMinorityQuorum(set) && !allowMinorityQuorum) {
    refuse(`${minRequiredSigs} of ${attestors.length} is no majority (allowMinorityQuorum is not set)`);
  }
};

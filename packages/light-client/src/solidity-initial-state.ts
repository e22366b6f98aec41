import { type Address, assertUint64, parseAddress } from '@interchain-attestation/core';
import { LightClientError } from './errors.ts';
import type { InitialState } from './light-client.ts';
import type { Fault } from './verdict.ts';

/**
 * What the contract's constructor says about the state a client is to start from; undefined when it takes it.
 * @throws LightClientError `light-client/out-of-range` when the quorum does not fit the chain's integer; CoreError
 * `address/invalid`, `address/checksum`, `number/out-of-range`
 */
export const checkSolidityInitialState = (initial: InitialState, maxQuorum: number): Fault | undefined => {
  const { minRequiredSigs } = initial;
  assertUint64(initial.height, 'initial height');
  assertUint64(initial.timestampSec, 'initial timestamp');
  if (!Number.isInteger(minRequiredSigs) || minRequiredSigs < 0 || minRequiredSigs > maxQuorum) {
    throw new LightClientError(
      'light-client/out-of-range',
      `minRequiredSigs: expected 0..${maxQuorum}, got ${minRequiredSigs}`,
      { meta: { got: minRequiredSigs, limit: maxQuorum } },
    );
  }
  const attestors = initial.attestors.map(parseAddress);
  if (attestors.length === 0) return { code: 'no-attestors' };
  if (minRequiredSigs === 0 || minRequiredSigs > attestors.length) {
    return { code: 'quorum-out-of-range', minRequiredSigs, attestors: attestors.length };
  }
  const seen = new Set<Address>();
  for (const attestor of attestors) {
    if (seen.has(attestor)) return { code: 'duplicate-attestor', attestor };
    seen.add(attestor);
  }
  return undefined;
};

import { type Address, assertUint64, CoreError, parseAddress } from '@interchain-attestation/core';
import { LightClientError } from './errors.ts';
import type { InitialState } from './light-client.ts';
import type { AttestorList } from './state.ts';
import type { Fault } from './verdict.ts';

const MAX_UINT32 = 0xffff_ffff;
const HEX_ADDRESS = /^(?:0[xX])?([0-9a-fA-F]{40})$/;

/** ibc-go takes an address with or without 0x, in any mix of cases: a checksum is not looked at. */
const parseAnyCase = (text: string): Address | undefined => {
  const digits = HEX_ADDRESS.exec(text)?.[1];
  return digits === undefined ? undefined : parseAddress(`0x${digits.toLowerCase()}`);
};

/**
 * Attestors as ibc-go reads their addresses; the spelling is kept, since it stands in the store.
 * @throws CoreError `address/invalid`
 */
export const readIbcGoAttestors = (texts: readonly string[]): AttestorList => ({
  attestors: texts.map((text) => {
    const address = parseAnyCase(text);
    if (address !== undefined) return address;
    throw new CoreError('address/invalid', `not an Ethereum address: ${text.slice(0, 80)}`, {
      meta: { got: text.slice(0, 80) },
    });
  }),
  spelling: [...texts],
});

/** Seconds as ibc-go turns them into nanoseconds: in 64 bits, which wrap without a word. */
export const toWrappedNanoseconds = (timestampSec: bigint): bigint => BigInt.asUintN(64, timestampSec * 1_000_000_000n);

/**
 * What ibc-go says about the state a client is to start from; undefined when it takes it.
 * @throws LightClientError `light-client/out-of-range`; CoreError `number/out-of-range`
 */
export const checkIbcGoInitialState = (initial: InitialState): Fault | undefined => {
  const { minRequiredSigs, attestors } = initial;
  assertUint64(initial.height, 'initial height');
  assertUint64(initial.timestampSec, 'initial timestamp');
  if (!Number.isInteger(minRequiredSigs) || minRequiredSigs < 0 || minRequiredSigs > MAX_UINT32) {
    throw new LightClientError(
      'light-client/out-of-range',
      `minRequiredSigs: expected 0..${MAX_UINT32}, got ${minRequiredSigs}`,
      { meta: { got: minRequiredSigs, limit: MAX_UINT32 } },
    );
  }
  if (attestors.length === 0) return { code: 'no-attestors' };
  if (minRequiredSigs === 0 || minRequiredSigs > attestors.length) {
    return { code: 'quorum-out-of-range', minRequiredSigs, attestors: attestors.length };
  }
  const seen = new Set<Address>();
  for (const text of attestors) {
    const attestor = parseAnyCase(text);
    if (attestor === undefined) return { code: 'attestor-invalid', text };
    if (seen.has(attestor)) return { code: 'duplicate-attestor', attestor };
    seen.add(attestor);
  }
  if (toWrappedNanoseconds(initial.timestampSec) === 0n) return { code: 'timestamp-zero' };
  return undefined;
};

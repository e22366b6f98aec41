import { type Address, parseAddress } from './address.ts';
import { CoreError } from './errors.ts';

/** Who may attest, and how many of them must agree. Build it with {@link createAttestorSet}. */
export interface AttestorSet {
  /** EIP-55, in the order given, without duplicates, never the zero address. */
  readonly attestors: readonly Address[];
  /** m of m-of-n: 1 <= m <= n. */
  readonly minRequiredSigs: number;
  /** Position in `attestors`, or undefined for a stranger. `address` must be EIP-55. */
  indexOf(address: Address): number | undefined;
}

const ZERO = `0x${'0'.repeat(40)}`;

/**
 * Checks and normalises an attestor set.
 * @throws CoreError `attestor-set/empty`, `attestor-set/duplicate`, `attestor-set/quorum-out-of-range`,
 * `address/invalid`, `address/checksum`, `address/zero`
 */
export const createAttestorSet = (addresses: readonly string[], minRequiredSigs: number): AttestorSet => {
  if (addresses.length === 0) throw new CoreError('attestor-set/empty', 'an attestor set needs at least one attestor');
  const index = new Map<Address, number>();
  for (const text of addresses) {
    const address = parseAddress(text);
    if (address === ZERO) throw new CoreError('address/zero', 'the zero address cannot attest');
    if (index.has(address)) {
      throw new CoreError('attestor-set/duplicate', `attestor ${address} is listed twice`, { meta: { address } });
    }
    index.set(address, index.size);
  }
  if (!Number.isInteger(minRequiredSigs) || minRequiredSigs < 1 || minRequiredSigs > index.size) {
    throw new CoreError(
      'attestor-set/quorum-out-of-range',
      `minRequiredSigs: expected 1..${index.size}, got ${minRequiredSigs}`,
      { meta: { got: minRequiredSigs, limit: index.size } },
    );
  }
  return { attestors: [...index.keys()], minRequiredSigs, indexOf: (address) => index.get(address) };
};

/** True when fewer than a majority suffices (m <= n/2): two disjoint quorums could then contradict each other. */
export const isMinorityQuorum = ({ attestors, minRequiredSigs }: AttestorSet): boolean =>
  2 * minRequiredSigs <= attestors.length;

import type { Hex } from '@interchain-attestation/core';
import { ChainError } from '../errors.ts';
import type { Batcher } from '../rpc/batcher.ts';
import { parseHash } from './rpc/quantity.ts';

/** ERC-1967 implementation slot: keccak256("eip1967.proxy.implementation") - 1. Set in a proxy, never behind it. */
const IMPLEMENTATION_SLOT = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';
/** ERC-7201 slot of OpenZeppelin's Initializable; 2^64-1 in an implementation after `_disableInitializers`. */
const INITIALIZABLE_SLOT = '0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00';
const DISABLED = (1n << 64n) - 1n;

/**
 * Checks, once per code of the address, that it keeps commitments in its own storage. The implementation behind the
 * proxy answers every question with "absent": believing it would time out packets that were received.
 */
export interface RouterCheck {
  /** @throws ChainError `chain/not-a-router`, or whatever reading throws */
  verify(codeHash: Hex, blockJson: string): Promise<void>;
}

export const notARouter = (router: string, what: string): ChainError =>
  new ChainError('chain/not-a-router', `${router} is not a router: ${what}`, { meta: { router, what } });

export const createRouterCheck = (
  reads: Batcher,
  options: { readonly router: string; readonly kind: 'proxy' | 'plain' },
): RouterCheck => {
  const { router, kind } = options;
  const verified = new Set<Hex>();

  const slot = async (at: string, blockJson: string): Promise<bigint> =>
    BigInt(parseHash(await reads.call('eth_getStorageAt', `["${router}","${at}",${blockJson}]`), 'storage word'));

  return {
    async verify(codeHash, blockJson) {
      if (verified.has(codeHash)) return;
      const [implementation, initialized] = await Promise.all([
        slot(IMPLEMENTATION_SLOT, blockJson),
        slot(INITIALIZABLE_SLOT, blockJson),
      ]);
      if (implementation === 0n && (initialized & DISABLED) === DISABLED) {
        throw notARouter(
          router,
          'it is the implementation behind a proxy (initializers disabled), configure the proxy',
        );
      }
      if (implementation === 0n && kind === 'proxy') {
        throw notARouter(router, 'it is not an ERC-1967 proxy (for a router without one, set routerKind: plain)');
      }
      verified.add(codeHash);
    },
  };
};

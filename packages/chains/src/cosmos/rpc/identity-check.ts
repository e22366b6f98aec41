import type { Hex } from '@interchain-attestation/core';
import { ChainError } from '../../errors.ts';
import type { IdentityCheck } from '../../rpc/identity-check.ts';

const HASH = /^[0-9A-F]{64}$/i;

/** The part of a `blockchain` answer that says who answers. */
interface ShownBlock {
  readonly block_metas?: readonly {
    readonly block_id?: { readonly hash?: unknown };
    readonly header?: { readonly chain_id?: unknown; readonly height?: unknown };
  }[];
}

/**
 * Watches that the same chain answers: every batch carries the question for the first block, whose header holds the
 * chain id. Whatever stands behind the URL (a balancer, a node started anew), no answer is used that came without it.
 */
export const createCosmosIdentityCheck = (options: {
  readonly origin: string;
  readonly chainId: string;
  readonly genesisHeight: number;
  readonly genesisHash?: Hex | undefined;
}): IdentityCheck => {
  const { origin, chainId, genesisHeight } = options;
  let genesisHash = options.genesisHash;
  let seen = false;
  const range = `{"minHeight":"${genesisHeight}","maxHeight":"${genesisHeight}"}`;
  const calls = [{ method: 'blockchain', params: range }] as const;

  const wrongChain = (what: string, expected: string, got: string): ChainError =>
    new ChainError(
      'chain/wrong-chain',
      `RPC at ${origin} answers for another chain: ${what} ${got}, expected ${expected}`,
      { meta: { origin, what, expected, got } },
    );

  return {
    get genesisHash() {
      return genesisHash;
    },
    get due() {
      return !seen;
    },
    suspect() {
      seen = false;
    },
    probes: () => ({ calls, epoch: 0 }),
    check(_probes, [result]) {
      const block = (result as ShownBlock | null | undefined)?.block_metas?.[0];
      const { chain_id: id, height } = block?.header ?? {};
      if (typeof id === 'string' && id !== chainId) throw wrongChain('chain id', chainId, id.slice(0, 60));
      const hash = block?.block_id?.hash;
      if (id !== chainId || height !== String(genesisHeight) || typeof hash !== 'string' || !HASH.test(hash)) {
        throw new ChainError(
          'chain/unavailable',
          `RPC at ${origin} does not show block ${genesisHeight}, by which the chain is told from others: use a node that keeps it (a guard is bound to its hash: once something was signed, genesisHeight stays)`,
          { meta: { origin, kind: 'identity', height: genesisHeight }, retryable: true },
        );
      }
      const got = `0x${hash.toLowerCase()}` as Hex;
      genesisHash ??= got;
      if (got !== genesisHash) throw wrongChain('genesis hash', genesisHash, got);
      seen = true;
      return true;
    },
  };
};

import type { Hex } from '@interchain-attestation/core';
import { ChainError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { IdentityCheck } from '../../rpc/identity-check.ts';

const CHAIN_ID = { method: 'eth_chainId', params: '[]' } as const;
const GENESIS = { method: 'eth_getBlockByNumber', params: '["0x0",false]' } as const;
const QUANTITY = /^0x[0-9a-f]{1,64}$/i;
const HASH = /^0x[0-9a-f]{64}$/i;

export const createIdentityCheck = (options: {
  readonly origin: string;
  /** Decimal. */
  readonly chainId: string;
  readonly genesisHash?: Hex | undefined;
  readonly clock: Clock;
  readonly genesisEveryMs: number;
}): IdentityCheck => {
  const { origin, clock } = options;
  const expectedChainId = BigInt(options.chainId);
  let genesisHash = options.genesisHash?.toLowerCase() as Hex | undefined;
  let epoch = 1;
  let verifiedEpoch = 0;
  let verifiedAt = 0;

  const isDue = (): boolean => verifiedEpoch < epoch || clock.now() - verifiedAt >= options.genesisEveryMs;

  const wrongChain = (what: string, expected: string, got: string): ChainError =>
    new ChainError(
      'chain/wrong-chain',
      `RPC at ${origin} answers for another chain: ${what} ${got}, expected ${expected}`,
      {
        meta: { origin, what, expected, got },
      },
    );

  const unusable = (what: string): ChainError =>
    new ChainError('chain/unavailable', `RPC at ${origin} did not answer ${what}`, {
      meta: { origin, kind: 'identity' },
      retryable: true,
    });

  const checkChainId = (result: unknown): void => {
    if (typeof result !== 'string' || !QUANTITY.test(result)) throw unusable('eth_chainId');
    const got = BigInt(result);
    if (got !== expectedChainId) throw wrongChain('chain id', options.chainId, got.toString());
  };

  const checkGenesis = (result: unknown): void => {
    const hash = (result as { hash?: unknown } | null | undefined)?.hash;
    if (typeof hash !== 'string' || !HASH.test(hash)) throw unusable('the hash of block 0');
    const got = hash.toLowerCase() as Hex;
    genesisHash ??= got;
    if (got !== genesisHash) throw wrongChain('genesis hash', genesisHash, got);
  };

  const suspect = (): void => {
    epoch++;
  };

  return {
    get genesisHash() {
      return genesisHash;
    },
    get due() {
      return isDue();
    },
    suspect,
    probes: () => ({ calls: isDue() ? [CHAIN_ID, GENESIS] : [CHAIN_ID], epoch }),
    check(probes, results, newConnection) {
      try {
        checkChainId(results[0]);
        if (probes.calls.length === 1) {
          if (newConnection) suspect();
          return !newConnection;
        }
        checkGenesis(results[1]);
      } catch (error) {
        suspect();
        throw error;
      }
      verifiedEpoch = Math.max(verifiedEpoch, probes.epoch);
      verifiedAt = clock.now();
      return true;
    },
  };
};

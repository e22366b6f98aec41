import type { Hex } from '@interchain-attestation/core';
import { ChainError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';

/** Calls that ride along in a batch to see who answers. */
export interface IdentityProbes {
  readonly calls: readonly { readonly method: string; readonly params: string }[];
  readonly epoch: number;
}

/**
 * Watches that the same chain answers behind the URL: the chain id in every batch, the genesis hash at first use, after
 * each failure, on each new connection and every `genesisEveryMs`.
 */
export interface IdentityCheck {
  /** Hash of block 0: the configured one, or the first one seen. */
  readonly genesisHash: Hex | undefined;
  /** True when the genesis hash has to be asked for again. */
  readonly due: boolean;
  /** Something went wrong: whoever answers next has to show the genesis block. */
  suspect(): void;
  probes(): IdentityProbes;
  /**
   * Judges the answers to the probes.
   * @returns false when the answer came over a new connection and must be followed by a look at the genesis block
   * before anything in it is used
   * @throws ChainError `chain/wrong-chain`, `chain/unavailable`
   */
  check(probes: IdentityProbes, results: readonly unknown[], newConnection: boolean): boolean;
}

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

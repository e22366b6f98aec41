import { abortable } from '../abortable.ts';
import type { ChainIdentity, ChainReader, Clock, TransactionLimits } from '../ports.ts';
import { toChainError } from '../rpc/response-error.ts';
import { createCommitmentReader } from './commitments.ts';
import type { EvmChainSettings } from './config.ts';
import type { FinalityTracker } from './finality.ts';
import type { HeaderReader } from './headers.ts';
import { malformed, parseQuantity } from './rpc/quantity.ts';
import type { RpcClient } from './rpc/rpc-client.ts';

/** EIP-7825: no transaction takes more gas, whatever the block holds. */
const TX_GAS_CAP = 2n ** 24n;
const LIMITS_MAX_AGE_MS = 60_000;

export const createEvmChainReader = (parts: {
  readonly rpc: RpcClient;
  readonly headers: HeaderReader;
  readonly finality: FinalityTracker;
  readonly settings: EvmChainSettings;
  readonly clock: Clock;
}): ChainReader => {
  const { rpc, headers, finality, settings, clock } = parts;
  const commitments = createCommitmentReader({
    reads: rpc.reads,
    headers,
    origin: rpc.origin,
    router: settings.router,
    routerKind: settings.routerKind,
  });

  const identity = async (): Promise<ChainIdentity> => {
    if (rpc.identity.due || rpc.identity.genesisHash === undefined) {
      try {
        await rpc.reads.call('eth_blockNumber', '[]');
      } catch (error) {
        throw toChainError(error, rpc.origin);
      }
    }
    const { genesisHash } = rpc.identity;
    if (genesisHash === undefined) throw malformed('genesis block');
    return { chainId: settings.chainId, genesisHash, store: settings.router };
  };

  const latestBlock = async () => {
    try {
      const header = await headers.byTag('latest');
      if (header === undefined) throw malformed('latest block');
      return header;
    } catch (error) {
      throw toChainError(error, rpc.origin);
    }
  };

  let known: { readonly limits: TransactionLimits; readonly readAt: number } | undefined;
  const limits = async (): Promise<TransactionLimits> => {
    if (known !== undefined && clock.now() - known.readAt < LIMITS_MAX_AGE_MS) return known.limits;
    let block: unknown;
    try {
      block = await rpc.transactions.call('eth_getBlockByNumber', '["latest",false]');
    } catch (error) {
      throw toChainError(error, rpc.origin);
    }
    const gasLimit = parseQuantity((block as { gasLimit?: unknown } | null)?.gasLimit, 'block gas limit');
    const share = (gasLimit * BigInt(settings.blockGasSharePercent)) / 100n;
    const value = { maxTxBytes: settings.maxTxBytes, maxTxGas: share < TX_GAS_CAP ? share : TX_GAS_CAP };
    known = { limits: value, readAt: clock.now() };
    return value;
  };

  return {
    kind: 'evm',
    name: settings.name,
    origin: rpc.origin,
    identity: (options) => abortable(identity(), options?.signal),
    latestBlock: (options) => abortable(latestBlock(), options?.signal),
    finalizedBlock: (options) => abortable(finality.current(options?.covering), options?.signal),
    headers: (heights, options) =>
      abortable(Promise.all(heights.map((height) => headers.byHeight(height))), options?.signal),
    commitments: (block, paths, options) => abortable(commitments(block, paths), options?.signal),
    limits: (options) => abortable(limits(), options?.signal),
    close: async () => rpc.close(),
  };
};

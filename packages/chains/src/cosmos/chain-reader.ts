import { abortable } from '../abortable.ts';
import type { BlockHeader, ChainIdentity, ChainReader, Clock, TransactionLimits } from '../ports.ts';
import { createCosmosCommitmentReader } from './commitments.ts';
import type { CosmosChainSettings } from './config.ts';
import { createCosmosFinality } from './finality.ts';
import type { CosmosHeaderReader } from './headers.ts';
import type { AbciQuery } from './rpc/abci-query.ts';
import type { CometRpc } from './rpc/comet-rpc.ts';
import { malformed } from './rpc/node-error.ts';

/** Name of ibc-go's store in the multistore. */
const STORE = 'ibc';
const LIMITS_MAX_AGE_MS = 60_000;

/** Header, commit and evidence share the block with its transactions. */
const BLOCK_OVERHEAD_PERCENT = 10n;

const parseLimit = (value: unknown, what: string): bigint => {
  if (typeof value !== 'string' || !/^-?[0-9]{1,19}$/.test(value)) throw new Error(`no ${what} in consensus_params`);
  return BigInt(value);
};

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export const createCosmosChainReader = (parts: {
  readonly rpc: CometRpc;
  readonly headers: CosmosHeaderReader;
  readonly query: AbciQuery;
  readonly settings: CosmosChainSettings;
  readonly clock: Clock;
}): ChainReader => {
  const { rpc, headers, settings, clock } = parts;
  const finality = createCosmosFinality({ chain: settings.name, headers, clock, cacheMs: settings.finalityCacheMs });
  const commitments = createCosmosCommitmentReader({ ...parts, origin: rpc.origin });

  const identity = async (): Promise<ChainIdentity> => {
    // Every request also asks who answers; any will do.
    if (rpc.identity.due) await rpc.outage(rpc.reads.comet.health());
    const { genesisHash } = rpc.identity;
    if (genesisHash === undefined) throw malformed(rpc.origin, 'no genesis block');
    return { chainId: settings.chainId, genesisHash, store: STORE };
  };

  const header = async (height: bigint): Promise<BlockHeader | undefined> => (await headers.at(height))?.header;

  let known: { readonly limits: TransactionLimits; readonly readAt: number } | undefined;
  const limits = async (): Promise<TransactionLimits> => {
    if (known !== undefined && clock.now() - known.readAt < LIMITS_MAX_AGE_MS) return known.limits;
    const readAt = clock.now();
    // Without a height the node takes that of the block being made, whose parameters it may not have stored yet.
    const height = await headers.committedHeight();
    const value = await rpc.outage(
      rpc.reads.calls.call('consensus_params', `{"height":"${height}"}`).then((result): TransactionLimits => {
        const block = (result as { consensus_params?: { block?: Record<string, unknown> } }).consensus_params?.block;
        const maxBytes = parseLimit(block?.max_bytes, 'block.max_bytes');
        const maxGas = parseLimit(block?.max_gas, 'block.max_gas');
        const blockTxBytes = maxBytes - (maxBytes * BLOCK_OVERHEAD_PERCENT) / 100n;
        const gasShare = (maxGas * BigInt(settings.blockGasSharePercent)) / 100n;
        return {
          // -1: no limit but CometBFT's own of 100 MiB.
          maxTxBytes: maxBytes < 0n ? settings.maxTxBytes : Number(least(blockTxBytes, BigInt(settings.maxTxBytes))),
          maxTxGas: maxGas < 0n ? BigInt(settings.maxTxGas) : least(gasShare, BigInt(settings.maxTxGas)),
        };
      }),
    );
    known = { limits: value, readAt };
    return value;
  };

  return {
    kind: 'cosmos',
    name: settings.name,
    origin: rpc.origin,
    identity: (options) => abortable(identity(), options?.signal),
    latestBlock: (options) => abortable(finality.newest(), options?.signal),
    finalizedBlock: (options) => abortable(finality.current(options?.covering), options?.signal),
    headers: (heights, options) => abortable(Promise.all(heights.map(header)), options?.signal),
    commitments: (block, paths, options) => abortable(commitments(block, paths), options?.signal),
    limits: (options) => abortable(limits(), options?.signal),
    close: async () => rpc.close(),
  };
};

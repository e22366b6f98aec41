import { type ChainEvent, emitterOf } from '../chain-event.ts';
import { systemClock } from '../clock.ts';
import { ChainError } from '../errors.ts';
import type { ChainReader, ClientReader, Clock, EventSource, Signer, TxSender } from '../ports.ts';
import { createCosmosChainReader } from './chain-reader.ts';
import { createCosmosClientReader } from './client-reader.ts';
import { type CosmosClientRegistry, createCosmosClientRegistry } from './client-registry.ts';
import { type CosmosChainConfig, type CosmosChainSettings, cosmosChainConfigSchema } from './config.ts';
import { createCosmosEventSource } from './events/event-source.ts';
import { createCosmosHeaderReader } from './headers.ts';
import { createCosmosHeadWatcher } from './heads/head-watcher.ts';
import { createAbciQuery } from './rpc/abci-query.ts';
import { createCometRpc } from './rpc/comet-rpc.ts';
import { createCosmosSender } from './sender/cosmos-sender.ts';
import { type GasPrice, parseGasPrice } from './sender/gas-price.ts';
import { type CosmosSenderOptions, DEFAULT_SENDER_OPTIONS } from './sender/options.ts';

export interface CosmosChainDeps {
  readonly clock?: Clock;
  /** Told what the adapter does; for metrics and logs. */
  readonly onEvent?: (event: ChainEvent) => void;
}

/** One Cosmos chain behind all ports. Nothing is asked of the node before the first call. */
export interface CosmosChain {
  readonly reader: ChainReader;
  readonly clients: ClientReader;
  readonly events: EventSource;
  readonly registry: CosmosClientRegistry;
  /**
   * A sender for one account. Make one per key and chain: two of them would compete for sequences.
   * @throws ChainError `chain/invalid-input` without a gas price, or for one that is none
   */
  createSender(signer: Signer, options?: CosmosSenderOptions): TxSender;
  /** Ends subscriptions, connections and whatever waits. */
  close(): Promise<void>;
}

const parseConfig = (config: CosmosChainConfig): CosmosChainSettings => {
  const parsed = cosmosChainConfigSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`);
  throw new ChainError('chain/invalid-input', `configuration of chain ${config.name}: ${issues.join('; ')}`);
};

/** CometBFT serves its WebSocket under `/websocket` of the RPC address. */
const webSocketUrl = ({ wsUrl, rpcUrl }: CosmosChainSettings): string => {
  if (wsUrl !== undefined) return wsUrl;
  const url = new URL(rpcUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/websocket`;
  return url.href;
};

/**
 * Connects the ports to one Cosmos chain with IBC v2 over CometBFT's JSON-RPC.
 * @throws ChainError `chain/invalid-input` for a configuration that the schema refuses
 */
export const createCosmosChain = (config: CosmosChainConfig, deps: CosmosChainDeps = {}): CosmosChain => {
  const settings = parseConfig(config);
  const clock = deps.clock ?? systemClock;
  const emit = emitterOf(deps.onEvent);
  const rpc = createCometRpc({ ...settings, url: settings.rpcUrl, clock, emit });
  const query = createAbciQuery(rpc, rpc.reads);
  const headers = createCosmosHeaderReader(rpc, rpc.reads, settings.chainId);
  const reader = createCosmosChainReader({ rpc, headers, query, settings, clock });
  const heads = createCosmosHeadWatcher({
    wsUrl: webSocketUrl(settings),
    chainId: settings.chainId,
    newest: () => reader.latestBlock(),
    headers,
    pollIntervalMs: settings.pollIntervalMs,
    timeoutMs: settings.requestTimeoutMs,
    clock,
    emit,
  });
  const senders: { close(): void }[] = [];

  const gasPriceOf = (text: string | undefined): GasPrice => {
    const price = text === undefined ? settings.gasPrice : parseGasPrice(text);
    if (price !== undefined) return price;
    throw new ChainError('chain/invalid-input', `chain ${settings.name}: a sender needs a gas price, as 0.025stake`);
  };

  const close = async (): Promise<void> => {
    for (const sender of senders) sender.close();
    heads.close();
    rpc.close();
  };
  return {
    reader: { ...reader, close },
    clients: createCosmosClientReader(rpc.origin, query),
    events: createCosmosEventSource(rpc, headers, heads),
    registry: createCosmosClientRegistry(rpc.origin, query),
    createSender(signer, options = {}) {
      const sender = createCosmosSender({
        rpc,
        query,
        headers,
        heads,
        limits: () => reader.limits(),
        emit,
        chainId: settings.chainId,
        bech32Prefix: settings.bech32Prefix,
        signer,
        gasPrice: gasPriceOf(options.gasPrice),
        gasAdjustment: options.gasAdjustment ?? settings.gasAdjustment,
        giveUpAfterBlocks: options.giveUpAfterBlocks ?? DEFAULT_SENDER_OPTIONS.giveUpAfterBlocks,
        rebroadcastAfterBlocks: options.rebroadcastAfterBlocks ?? DEFAULT_SENDER_OPTIONS.rebroadcastAfterBlocks,
      });
      senders.push(sender);
      return sender;
    },
    close,
  };
};

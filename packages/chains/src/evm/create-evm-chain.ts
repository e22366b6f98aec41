import { type ChainEvent, emitterOf } from '../chain-event.ts';
import { systemClock } from '../clock.ts';
import { ChainError } from '../errors.ts';
import type { ChainReader, ClientReader, Clock, EventSource, Signer, TxSender } from '../ports.ts';
import { createEvmChainReader } from './chain-reader.ts';
import { createEvmClientReader } from './client-reader.ts';
import { type EvmChainConfig, type EvmChainSettings, evmChainConfigSchema } from './config.ts';
import { createEvmEventSource } from './events/event-source.ts';
import { createFinalityTracker } from './finality.ts';
import { createHeaderReader } from './headers.ts';
import { createHeadWatcher } from './heads/head-watcher.ts';
import { createRpcClient } from './rpc/rpc-client.ts';
import { createEvmSender } from './sender/evm-sender.ts';
import { DEFAULT_SENDER_OPTIONS, type EvmSenderOptions } from './sender/options.ts';

export interface EvmChainDeps {
  readonly clock?: Clock;
  /** Told what the adapter does; for metrics and logs. */
  readonly onEvent?: (event: ChainEvent) => void;
}

/** One EVM chain behind all ports. Nothing is asked of the node before the first call. */
export interface EvmChain {
  readonly reader: ChainReader;
  readonly clients: ClientReader;
  readonly events: EventSource;
  /** A sender for one account. Make one per key and chain: two of them would compete for nonces. */
  createSender(signer: Signer, options?: EvmSenderOptions): TxSender;
  /** Ends subscriptions, connections and whatever waits. */
  close(): Promise<void>;
}

const parseConfig = (config: EvmChainConfig): EvmChainSettings => {
  const parsed = evmChainConfigSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`);
  throw new ChainError('chain/invalid-input', `configuration of chain ${config.name}: ${issues.join('; ')}`);
};

/** Nodes mostly serve WebSocket where they serve HTTP; where they do not, heads are polled. */
const webSocketUrl = (settings: EvmChainSettings): string => settings.wsUrl ?? settings.rpcUrl.replace(/^http/i, 'ws');

/**
 * Connects the ports to one EVM chain.
 * @throws ChainError `chain/invalid-input` for a configuration that the schema refuses
 */
export const createEvmChain = (config: EvmChainConfig, deps: EvmChainDeps = {}): EvmChain => {
  const settings = parseConfig(config);
  const clock = deps.clock ?? systemClock;
  const emit = emitterOf(deps.onEvent);
  const rpc = createRpcClient({
    url: settings.rpcUrl,
    chainId: settings.chainId,
    genesisHash: settings.genesisHash,
    requestTimeoutMs: settings.requestTimeoutMs,
    retries: settings.retries,
    maxBatchCalls: settings.maxBatchCalls,
    clock,
    emit,
  });
  const headers = createHeaderReader(rpc.reads, rpc.origin);
  const finality = createFinalityTracker({
    chain: settings.name,
    origin: rpc.origin,
    finality: settings.finality,
    headers,
    clock,
    cacheMs: settings.finalityCacheMs,
  });
  const reader = createEvmChainReader({ rpc, headers, finality, settings, clock });
  const heads = createHeadWatcher({
    wsUrl: webSocketUrl(settings),
    chainId: BigInt(settings.chainId),
    genesisHash: () => rpc.identity.genesisHash,
    latestBlock: () => reader.latestBlock(),
    onNewHead: () => finality.forget(),
    pollIntervalMs: settings.pollIntervalMs,
    timeoutMs: settings.requestTimeoutMs,
    clock,
    emit,
  });
  const senders: { close(): void }[] = [];
  const createSender: EvmChain['createSender'] = (signer, options = {}) => {
    const sender = createEvmSender({
      rpc,
      heads,
      limits: () => reader.limits(),
      clock,
      emit,
      chainId: Number(settings.chainId),
      router: settings.router,
      signer,
      settings: { ...DEFAULT_SENDER_OPTIONS, ...options },
    });
    senders.push(sender);
    return sender;
  };
  const close = async (): Promise<void> => {
    for (const sender of senders) sender.close();
    heads.close();
    rpc.close();
  };
  return {
    reader: { ...reader, close },
    clients: createEvmClientReader(rpc, settings.router),
    events: createEvmEventSource(rpc, heads, settings),
    createSender,
    close,
  };
};

import type { Hex } from '@interchain-attestation/core';
import type { ChainEvent } from '../../chain-event.ts';
import type { Clock } from '../../ports.ts';
import { type Batcher, createBatcher } from '../../rpc/batcher.ts';
import { createRpcHealth } from '../../rpc/health.ts';
import { createHttpClient } from '../../rpc/http.ts';
import type { IdentityCheck } from '../../rpc/identity-check.ts';
import { createIdentityCheck } from './identity-check.ts';

/** Everything the adapter needs from one JSON-RPC URL. Lanes keep slow calls out of the way of fast ones. */
export interface RpcClient {
  readonly origin: string;
  readonly identity: IdentityCheck;
  /** Headers and commitments: short calls, many at once. */
  readonly reads: Batcher;
  /** Everything about transactions and clients. */
  readonly transactions: Batcher;
  /** Runs of transactions, each in a request of its own: one that takes too long must not cost others their answer. */
  readonly simulations: Batcher;
  /** Ranges of logs, which a node may chew on for seconds. */
  readonly logs: Batcher;
  close(): void;
}

export interface RpcClientOptions {
  readonly url: string;
  readonly chainId: string;
  readonly genesisHash?: Hex | undefined;
  readonly requestTimeoutMs: number;
  readonly retries: number;
  readonly maxBatchCalls: number;
  readonly clock: Clock;
  readonly emit: (event: ChainEvent) => void;
}

/** HTTP requests under way at once, by lane: seven connections in all, whatever is asked of the adapter. */
const IN_FLIGHT = { reads: 2, transactions: 2, simulations: 2, logs: 1 } as const;

export const createRpcClient = (options: RpcClientOptions): RpcClient => {
  const { clock, emit } = options;
  const http = createHttpClient(options.url, {
    timeoutMs: options.requestTimeoutMs,
    maxConnections: Object.values(IN_FLIGHT).reduce((sum, count) => sum + count, 0),
  });
  const identity = createIdentityCheck({
    origin: http.origin,
    chainId: options.chainId,
    genesisHash: options.genesisHash,
    clock,
    genesisEveryMs: 30_000,
  });
  const health = createRpcHealth(clock, emit);
  const lane = (name: keyof typeof IN_FLIGHT, maxBatchCalls = options.maxBatchCalls): Batcher =>
    createBatcher({
      http,
      identity,
      health,
      clock,
      emit,
      maxInFlight: IN_FLIGHT[name],
      maxBatchCalls,
      timeoutMs: options.requestTimeoutMs,
      retries: options.retries,
    });
  const lanes = {
    ...{ reads: lane('reads'), transactions: lane('transactions') },
    ...{ simulations: lane('simulations', 1), logs: lane('logs') },
  };
  return {
    origin: http.origin,
    identity,
    ...lanes,
    close() {
      for (const batcher of Object.values(lanes)) batcher.close();
      http.close();
    },
  };
};

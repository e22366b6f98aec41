import { Comet38Client } from '@cosmjs/tendermint-rpc';
import type { Hex } from '@interchain-attestation/core';
import type { ChainEvent } from '../../chain-event.ts';
import type { Clock } from '../../ports.ts';
import { type Batcher, createBatcher } from '../../rpc/batcher.ts';
import { createRpcHealth } from '../../rpc/health.ts';
import { createHttpClient } from '../../rpc/http.ts';
import type { IdentityCheck } from '../../rpc/identity-check.ts';
import { createCosmosIdentityCheck } from './identity-check.ts';
import { toOutage } from './node-error.ts';

/** Calls of one kind, in batches of their own. */
export interface CometLane {
  /** CosmJS over our transport. Throws RpcResponseError where the node refuses. */
  readonly comet: Comet38Client;
  /** For methods that CosmJS lacks. */
  readonly calls: Batcher;
}

/** Everything the adapter needs from one CometBFT node. Lanes keep slow and large calls out of the way of fast ones. */
export interface CometRpc {
  readonly origin: string;
  readonly identity: IdentityCheck;
  /** Headers and state. */
  readonly reads: CometLane;
  /** Transactions, one a request: a node bounds the size of a body. */
  readonly transactions: CometLane;
  /** What blocks and transactions did: large answers, which a node may chew on. */
  readonly history: CometLane;
  /** The work's answer; what it fails with becomes an outage unless it is a ChainError already. */
  outage<T>(work: Promise<T>): Promise<T>;
  close(): void;
}

export interface CometRpcOptions {
  readonly url: string;
  readonly chainId: string;
  readonly genesisHeight: number;
  readonly genesisHash?: Hex | undefined;
  readonly requestTimeoutMs: number;
  readonly retries: number;
  /** The question who answers included. */
  readonly maxBatchCalls: number;
  readonly clock: Clock;
  readonly emit: (event: ChainEvent) => void;
}

const IN_FLIGHT = { reads: 3, transactions: 2, history: 2 } as const;

export const createCometRpc = (options: CometRpcOptions): CometRpc => {
  const { clock, emit } = options;
  const http = createHttpClient(options.url, {
    timeoutMs: options.requestTimeoutMs,
    maxConnections: IN_FLIGHT.reads + IN_FLIGHT.transactions + IN_FLIGHT.history,
  });
  const identity = createCosmosIdentityCheck({ ...options, origin: http.origin });
  const health = createRpcHealth(clock, emit);

  const lane = (name: keyof typeof IN_FLIGHT, maxBatchCalls: number): CometLane => {
    const calls = createBatcher({
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
    const comet = Comet38Client.create({
      execute: async ({ id, method, params }) => ({
        jsonrpc: '2.0',
        id,
        result: await calls.call(method, JSON.stringify(params)),
      }),
      disconnect() {},
    });
    return { comet, calls };
  };
  const most = options.maxBatchCalls - 1;
  const lanes = { reads: lane('reads', most), transactions: lane('transactions', 1), history: lane('history', most) };

  return {
    origin: http.origin,
    identity,
    ...lanes,
    async outage(work) {
      try {
        return await work;
      } catch (error) {
        throw toOutage(error, http.origin);
      }
    },
    close() {
      for (const { calls } of Object.values(lanes)) calls.close();
      http.close();
    },
  };
};

import type { Hex } from '@interchain-attestation/core';
import type { ChainError } from './errors.ts';

/** What an adapter tells about itself; metrics and logs subscribe. Never carries a URL beyond its origin. */
export type ChainEvent =
  /** One HTTP request came to its end; `calls` counts its JSON-RPC calls by method. */
  | {
      readonly type: 'rpc-batch';
      readonly durationMs: number;
      readonly outcome: 'ok' | ChainError['code'];
      readonly calls: ReadonlyMap<string, number>;
    }
  /** The RPC stopped answering; told once an outage. */
  | { readonly type: 'rpc-outage'; readonly error: ChainError }
  | { readonly type: 'rpc-recovered'; readonly outageMs: number }
  /** An attempt failed and is made again. */
  | { readonly type: 'rpc-retry'; readonly attempt: number; readonly delayMs: number; readonly error: ChainError }
  | { readonly type: 'wrong-chain'; readonly error: ChainError }
  /** One of several RPC endpoints says something else than enough others do. */
  | { readonly type: 'rpc-dissent'; readonly origin: string; readonly about: string; readonly detail: string }
  | { readonly type: 'heads-source'; readonly source: 'subscription' | 'polling' }
  | { readonly type: 'tx-broadcast'; readonly txId: Hex; readonly nonce: number; readonly replacement: boolean }
  | { readonly type: 'tx-rebroadcast'; readonly txId: Hex; readonly nonce: number }
  | { readonly type: 'tx-included'; readonly txId: Hex; readonly nonce: number; readonly success: boolean };

/** Tells a listener, whose fault must not become the chain's. */
export const emitterOf =
  (onEvent: ((event: ChainEvent) => void) | undefined) =>
  (event: ChainEvent): void => {
    try {
      onEvent?.(event);
    } catch {
      // It is the listener's.
    }
  };

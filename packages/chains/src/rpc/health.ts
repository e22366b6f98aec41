import type { ChainEvent } from '../chain-event.ts';
import { ChainError } from '../errors.ts';
import type { Clock } from '../ports.ts';

/** Turns the outcomes of many requests into one event an outage. */
export interface RpcHealth {
  succeeded(): void;
  failed(error: unknown): void;
}

export const createRpcHealth = (clock: Clock, emit: (event: ChainEvent) => void): RpcHealth => {
  let downSince: number | undefined;
  let wrongChain = false;
  return {
    succeeded() {
      if (downSince === undefined && !wrongChain) return;
      emit({ type: 'rpc-recovered', outageMs: downSince === undefined ? 0 : clock.now() - downSince });
      downSince = undefined;
      wrongChain = false;
    },
    failed(error) {
      if (!(error instanceof ChainError) || error.meta.kind === 'closed') return;
      if (error.code === 'chain/wrong-chain') {
        if (!wrongChain) emit({ type: 'wrong-chain', error });
        wrongChain = true;
      } else if (downSince === undefined) {
        downSince = clock.now();
        emit({ type: 'rpc-outage', error });
      }
    },
  };
};

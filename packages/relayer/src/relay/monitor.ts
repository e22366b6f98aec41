import type { Clock } from '@interchain-attestation/chains';
import type { RelayerConfig } from '../config.ts';
import { TERMINAL_STATES } from '../domain/packet-state.ts';
import type { Emit } from '../events.ts';
import type { Relayer } from '../relayer.ts';

/** Looks now and then at what no event tells: chains that stand still, signers that run dry. */
export const startMonitor = (
  relayer: Relayer,
  config: RelayerConfig,
  clock: Clock,
  emit: Emit,
): { close(): Promise<void> } => {
  const closing = new AbortController();
  const everyMs = Math.min(config.stallAfterMs / 2, 15_000);
  const stalled = new Map<string, number>();
  const low = new Map<string, boolean>();

  const checkHeads = async (): Promise<void> => {
    const counts = await relayer.queries.countsByState();
    let waiting = 0;
    for (const [state, count] of counts) if (!(TERMINAL_STATES as readonly string[]).includes(state)) waiting += count;
    for (const { chainId, headSeenMs } of relayer.progress()) {
      if (headSeenMs === undefined || waiting === 0 || stalled.get(chainId) === headSeenMs) continue;
      const sinceMs = clock.now() - headSeenMs;
      if (sinceMs < config.stallAfterMs) continue;
      // Once for each stall: the next head makes it another one.
      stalled.set(chainId, headSeenMs);
      emit({ type: 'chain-stalled', chainId, sinceMs, waiting });
    }
  };

  const checkBalances = async (): Promise<void> => {
    for (const { chainId, sender } of relayer.chains) {
      const balance = await sender.balance({ signal: closing.signal }).catch(() => undefined);
      if (balance === undefined) continue;
      const limit = config.chains.find((chain) => chain.chainId === chainId)?.lowBalance ?? config.lowBalance;
      const isLow = limit !== undefined && balance < limit;
      // Told when it changes sides: a low balance is one line, not one every few seconds.
      emit({ type: 'balance', chainId, balance, low: isLow, changed: low.get(chainId) !== isLow });
      low.set(chainId, isLow);
    }
  };

  const loop = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await checkHeads().catch(() => {});
      await checkBalances();
      await clock.sleep(everyMs, closing.signal).catch(() => {});
    }
  };
  const running = loop();
  return {
    close: async () => {
      closing.abort(new Error('the relayer stops'));
      await running;
    },
  };
};

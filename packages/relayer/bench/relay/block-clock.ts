import type { DevnetChain } from '@interchain-attestation/devnet';

/** When each block of a chain was heard of here: the times that the bench goes by. */
export interface BlockClock {
  /** Unix milliseconds. @throws Error when the block was never announced */
  arrivedMs(height: bigint): number;
  /** Resolves with the height at the next block. */
  next(): Promise<bigint>;
  close(): void;
}

/** Subscribes to the heads of a chain. */
export const startBlockClock = async (chain: DevnetChain): Promise<BlockClock> => {
  const arrived = new Map<bigint, number>();
  const waiting = new Set<(height: bigint) => void>();
  const socket = new WebSocket(chain.node.wsUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  socket.addEventListener('message', ({ data }) => {
    const nowMs = Date.now();
    const number = (JSON.parse(String(data)) as { params?: { result?: { number?: string } } }).params?.result?.number;
    if (number === undefined) return;
    const height = BigInt(number);
    arrived.set(height, nowMs);
    for (const wake of [...waiting]) wake(height);
    waiting.clear();
  });
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
  return {
    arrivedMs: (height) => {
      const ms = arrived.get(height);
      if (ms === undefined) throw new Error(`block ${height} was never announced`);
      return ms;
    },
    next: () => new Promise((resolve) => waiting.add(resolve)),
    close: () => socket.close(),
  };
};

import type { BlockHeader } from '../../ports.ts';
import { parseBlockHeader } from '../block-header.ts';

/** A running `newHeads` subscription. */
export interface HeadSubscription {
  close(): void;
}

export interface SubscriptionHandlers {
  /** The socket is open, the right chain answers, and the node took the subscription. */
  onReady(): void;
  onHead(head: BlockHeader): void;
  /** The socket is gone or of no use; called once, never after `close()`. The text names no URL. */
  onEnd(reason: string): void;
}

const CHAIN_ID = { jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] } as const;
const GENESIS = { jsonrpc: '2.0', id: 2, method: 'eth_getBlockByNumber', params: ['0x0', false] } as const;
const SUBSCRIBE = { jsonrpc: '2.0', id: 3, method: 'eth_subscribe', params: ['newHeads'] } as const;

/**
 * Subscribes to new heads over WebSocket. The chain id and the genesis hash are asked for on the same socket: it may
 * lead elsewhere than the HTTP URL does. Only then is anything subscribed to: a node may answer in any order.
 * @param genesisHash asked at the time of the answer; undefined when it is not known yet, then it is not compared
 */
export const subscribeToHeads = (
  url: string,
  options: { readonly chainId: bigint; readonly genesisHash: () => string | undefined; readonly timeoutMs: number },
  handlers: SubscriptionHandlers,
): HeadSubscription => {
  let ended = false;
  let subscriptionId: unknown;
  let socket: WebSocket | undefined;
  const timer = setTimeout(() => end('no answer in time'), options.timeoutMs);

  const stop = (): void => {
    ended = true;
    clearTimeout(timer);
    socket?.close();
  };
  const end = (reason: string): void => {
    if (ended) return;
    stop();
    handlers.onEnd(reason);
  };

  const request = (body: object): void => socket?.send(JSON.stringify(body));

  const onAnswer = (id: unknown, result: unknown): void => {
    if (id === CHAIN_ID.id) {
      if (typeof result !== 'string' || BigInt(result) !== options.chainId) throw new Error('another chain id');
      request(GENESIS);
    } else if (id === GENESIS.id) {
      const expected = options.genesisHash();
      if (expected !== undefined && parseBlockHeader(result)?.hash !== expected)
        throw new Error('another genesis block');
      request(SUBSCRIBE);
    } else if (id === SUBSCRIBE.id) {
      if (typeof result !== 'string') throw new Error('no subscription');
      clearTimeout(timer);
      subscriptionId = result;
      handlers.onReady();
    }
  };

  const onMessage = (text: string): void => {
    const message = JSON.parse(text) as Record<string, unknown> | null;
    if (message === null || message.error !== undefined) throw new Error('the node refused the subscription');
    if (message.method === 'eth_subscription') {
      const { subscription, result } = message.params as Record<string, unknown>;
      if (subscription !== subscriptionId || subscriptionId === undefined) return;
      const head = parseBlockHeader(result);
      if (head !== undefined) handlers.onHead(head);
    } else {
      onAnswer(message.id, message.result);
    }
  };

  try {
    socket = new WebSocket(url);
  } catch {
    // Refused by its form (credentials in the URL, say). Told later, as every other end is.
    queueMicrotask(() => end('no WebSocket URL'));
  }
  socket?.addEventListener('open', () => request(CHAIN_ID));
  socket?.addEventListener('message', ({ data }) => {
    if (ended) return;
    try {
      onMessage(String(data));
    } catch (error) {
      end(error instanceof SyntaxError ? 'a message that is not JSON' : (error as Error).message);
    }
  });
  socket?.addEventListener('error', () => end('connection failed'));
  socket?.addEventListener('close', () => end('connection closed'));

  return { close: () => !ended && stop() };
};

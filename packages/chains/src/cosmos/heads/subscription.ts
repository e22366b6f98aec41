/** A running subscription to new blocks. */
export interface BlockSubscription {
  close(): void;
}

export interface SubscriptionHandlers {
  /** The socket is open, the right chain answers, and the node took the subscription. */
  onReady(): void;
  /** A block was committed. What it is, is asked for over HTTP: the event carries no block hash. */
  onBlock(height: bigint): void;
  /** The socket is gone or of no use; called once, never after `close()`. The text names no URL. */
  onEnd(reason: string): void;
}

const STATUS = { jsonrpc: '2.0', id: 1, method: 'status', params: {} } as const;
const SUBSCRIBE = {
  jsonrpc: '2.0',
  id: 2,
  method: 'subscribe',
  params: { query: "tm.event='NewBlockHeader'" },
} as const;

interface Message {
  readonly id?: unknown;
  readonly error?: unknown;
  readonly result?: {
    readonly node_info?: { readonly network?: unknown };
    readonly data?: {
      readonly value?: { readonly header?: { readonly height?: unknown; readonly chain_id?: unknown } };
    };
  };
}

/**
 * Subscribes to new blocks over CometBFT's WebSocket. The chain id is asked for on the same socket: it may lead
 * elsewhere than the HTTP URL does.
 */
export const subscribeToBlocks = (
  url: string,
  options: { readonly chainId: string; readonly timeoutMs: number },
  handlers: SubscriptionHandlers,
): BlockSubscription => {
  let ended = false;
  let ready = false;
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

  const onMessage = (text: string): void => {
    const message = JSON.parse(text) as Message | null;
    if (message === null || message.error !== undefined) throw new Error('the node refused the subscription');
    if (message.id === STATUS.id) {
      if (message.result?.node_info?.network !== options.chainId) throw new Error('another chain id');
      socket?.send(JSON.stringify(SUBSCRIBE));
      return;
    }
    if (message.id !== SUBSCRIBE.id) return;
    // The answer to the subscription is an empty result; every event after it carries the same id.
    if (!ready) {
      ready = true;
      clearTimeout(timer);
      handlers.onReady();
    }
    const header = message.result?.data?.value?.header;
    if (header === undefined) return;
    if (header.chain_id !== options.chainId) throw new Error('a block of another chain');
    if (typeof header.height !== 'string' || !/^[0-9]{1,18}$/.test(header.height))
      throw new Error('a block without a height');
    handlers.onBlock(BigInt(header.height));
  };

  try {
    socket = new WebSocket(url);
  } catch {
    // Refused by its form (credentials in the URL, say). Told later, as every other end is.
    queueMicrotask(() => end('no WebSocket URL'));
  }
  socket?.addEventListener('open', () => socket?.send(JSON.stringify(STATUS)));
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

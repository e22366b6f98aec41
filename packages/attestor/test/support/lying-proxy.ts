import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface RpcCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}
interface RpcEntry {
  readonly id: number;
  result?: unknown;
  error?: unknown;
}

/** A JSON-RPC proxy that can change answers, swallow them, or answer with something else altogether. */
export interface LyingProxy {
  readonly url: string;
  /** Changes an answer in place; called for each call of a batch. */
  alter: ((call: RpcCall, entry: RpcEntry) => void) | undefined;
  /** Never answers while true. */
  hang: boolean;
  /** Answers with this text while set. */
  text: string | undefined;
  /** Where requests go; may be changed to another chain. */
  target: string;
  /** Distinct connections accepted so far. */
  readonly connections: number;
  close(): Promise<void>;
}

const body = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

export const startLyingProxy = async (firstTarget: string): Promise<LyingProxy> => {
  let connections = 0;
  const server = createServer(async (request, response) => {
    const text = await body(request);
    if (proxy.hang) return;
    if (proxy.text !== undefined) {
      response.end(proxy.text);
      return;
    }
    try {
      const answer = await fetch(proxy.target, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      const parsed = (await answer.json()) as RpcEntry | RpcEntry[];
      const calls = JSON.parse(text) as RpcCall | RpcCall[];
      if (proxy.alter !== undefined) {
        const byId = new Map([parsed].flat().map((entry) => [entry.id, entry]));
        for (const call of [calls].flat()) {
          const entry = byId.get(call.id);
          if (entry !== undefined) proxy.alter(call, entry);
        }
      }
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(parsed));
    } catch {
      response.destroy();
    }
  });
  server.on('connection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: LyingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/0123456789secretkey`,
    alter: undefined,
    hang: false,
    text: undefined,
    target: firstTarget,
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
};

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

interface ScriptedCall {
  readonly id: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
}

type Answer = { readonly result: unknown } | { readonly error: object };

/** A CometBFT node whose every answer a test can change. */
export interface ScriptedComet {
  readonly url: string;
  readonly origin: string;
  readonly calls: ScriptedCall[];
  chainId: string;
  /** Highest block; the application has committed it unless told otherwise. */
  head: number;
  committed: number | undefined;
  /** Lowest block kept. */
  base: number;
  /** Overrides the answer to a call; undefined leaves it. */
  answer: (call: ScriptedCall) => Answer | undefined;
  /** Answers whole requests; undefined leaves them. */
  raw: ((calls: readonly ScriptedCall[]) => { status: number; body: string } | undefined) | undefined;
  /** Open WebSockets that subscribed. */
  readonly subscribers: number;
  /** Whether it takes WebSockets. */
  webSocket: boolean;
  /** Says to subscribers that this block was committed. */
  announce(height: number): void;
  cutWebSockets(): void;
  stop(): Promise<void>;
}

export const hashAt = (height: number): string => height.toString(16).toUpperCase().padStart(64, '0');

const header = (chainId: string, height: number): Record<string, unknown> => ({
  version: { block: '11' },
  chain_id: chainId,
  height: String(height),
  time: `2026-01-01T00:00:${String(height % 60).padStart(2, '0')}.999999999Z`,
  last_block_id: { hash: height === 1 ? '' : hashAt(height - 1), parts: { total: 1, hash: hashAt(0) } },
  ...Object.fromEntries(
    ['last_commit', 'data', 'validators', 'next_validators', 'consensus', 'app', 'last_results', 'evidence'].map(
      (name) => [`${name}_hash`, hashAt(0)],
    ),
  ),
  proposer_address: '00'.repeat(20),
});

export const blockMeta = (chainId: string, height: number, txs = 0): Record<string, unknown> => ({
  block_id: { hash: hashAt(height), parts: { total: 1, hash: hashAt(0) } },
  block_size: '500',
  header: header(chainId, height),
  num_txs: String(txs),
});

/** What an application says to a query. */
export const queryAnswer = (fields: Record<string, unknown>): Answer => ({
  result: { response: { code: 0, log: '', info: '', index: '0', key: null, value: null, codespace: '', ...fields } },
});

const internal = (data: string): Answer => ({ error: { code: -32603, message: 'Internal error', data } });

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const textFrame = (text: string): Buffer => {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? [0x81, payload.length] : [0x81, 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from(head), payload]);
};

/** Text of one masked frame of less than 64 KiB, as a client sends it. */
const unmask = (frame: Buffer): string => {
  const short = (frame[1] as number) & 0x7f;
  const at = short === 126 ? 4 : 2;
  const mask = frame.subarray(at, at + 4);
  return Buffer.from(frame.subarray(at + 4).map((byte, i) => byte ^ (mask[i % 4] as number))).toString();
};

export const startScriptedComet = async (): Promise<ScriptedComet> => {
  const sockets = new Set<Socket>();
  const subscribers = new Set<Socket>();

  const blocks = (from: number, to: number): Answer => {
    const max = Math.min(to, node.head);
    const min = Math.max(from, node.base, max - 19);
    if (min > max) return internal(`min height ${Math.max(from, node.base)} can't be greater than max height ${max}`);
    const metas = Array.from({ length: max - min + 1 }, (_, i) => blockMeta(node.chainId, max - i));
    return { result: { last_height: String(node.head), block_metas: metas } };
  };

  const answerCall = (call: ScriptedCall): Answer => {
    const scripted = node.answer(call);
    if (scripted !== undefined) return scripted;
    if (call.method === 'blockchain') return blocks(Number(call.params.minHeight), Number(call.params.maxHeight));
    if (call.method === 'abci_info') {
      return { result: { response: { last_block_height: String(node.committed ?? node.head) } } };
    }
    if (call.method === 'health') return { result: {} };
    return { error: { code: -32601, message: 'Method not found', data: '' } };
  };

  const server = createServer(async (request, response) => {
    const calls = [JSON.parse(await readBody(request))].flat() as ScriptedCall[];
    const raw = node.raw?.(calls);
    if (raw !== undefined) {
      response.writeHead(raw.status, { 'content-type': 'text/html' }).end(raw.body);
      return;
    }
    node.calls.push(...calls);
    const answers = calls.map((call) => ({ jsonrpc: '2.0', id: call.id, ...answerCall(call) }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, stream) => {
    const socket = stream as Socket;
    if (!node.webSocket) {
      socket.destroy();
      return;
    }
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('error', () => {});
    socket.on('close', () => subscribers.delete(socket));
    socket.on('data', (frame) => {
      if (((frame[0] as number) & 0x0f) === 8) {
        socket.end();
        return;
      }
      const { id, method } = JSON.parse(unmask(frame as Buffer)) as { id: number; method: string };
      const result = method === 'status' ? { node_info: { network: node.chainId } } : {};
      socket.write(textFrame(JSON.stringify({ jsonrpc: '2.0', id, result })));
      if (method === 'subscribe') subscribers.add(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;

  const node: ScriptedComet = {
    origin,
    url: `${origin}/topsecretkey`,
    calls: [],
    chainId: 'gaia-1',
    head: 10,
    committed: undefined,
    base: 1,
    answer: () => undefined,
    raw: undefined,
    webSocket: false,
    get subscribers() {
      return subscribers.size;
    },
    announce(height) {
      const value = { header: header(node.chainId, height) };
      const event = { query: '', data: { type: 'tendermint/event/NewBlockHeader', value } };
      for (const socket of subscribers) {
        socket.write(textFrame(JSON.stringify({ jsonrpc: '2.0', id: 2, result: event })));
      }
    },
    cutWebSockets() {
      for (const socket of subscribers) socket.destroy();
    },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
  return node;
};

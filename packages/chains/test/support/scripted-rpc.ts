import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ScriptedCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a call is answered with: a result, an error object, or nothing at all. */
export type ScriptedAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }
  | undefined;

export type RawAnswer = { readonly status: number; readonly body: string } | 'hang' | 'reset';

/** An RPC node that answers what the test says. */
export interface ScriptedRpc {
  /** Holds a path and a key that must never be shown. */
  readonly url: string;
  readonly origin: string;
  /** Parts of the URL that must never be shown. */
  readonly secrets: readonly string[];
  readonly requests: readonly (readonly ScriptedCall[])[];
  /** Connections opened so far. */
  readonly connections: number;
  chainId: string;
  genesisHash: string;
  /** Timestamp of blocks and of the state that calls read. */
  answer: (call: ScriptedCall) => ScriptedAnswer;
  /** Answers whole requests, before any call is looked at. */
  raw: ((calls: readonly ScriptedCall[]) => RawAnswer | undefined) | undefined;
  /** Closes all connections; the server stays. */
  cut(): void;
  stop(): Promise<void>;
}

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
export const word = (value: number | bigint): string => value.toString(16).padStart(64, '0');
export const GENESIS_HASH: string = `0x${word(0xabcdef)}`;

/** A block whose hash is its height. */
export const scriptedBlock = (height: number): Record<string, unknown> => ({
  number: hex(height),
  hash: height === 0 ? GENESIS_HASH : `0x${word(height)}`,
  parentHash: height <= 1 ? GENESIS_HASH : `0x${word(height - 1)}`,
  timestamp: hex(1_700_000_000 + height),
  gasLimit: hex(30_000_000),
  baseFeePerGas: hex(1_000),
});

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

export const startScriptedRpc = async (port = 0): Promise<ScriptedRpc> => {
  const requests: ScriptedCall[][] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const state: Pick<ScriptedRpc, 'chainId' | 'genesisHash' | 'answer' | 'raw'> = {
    chainId: hex(31_337),
    genesisHash: GENESIS_HASH,
    answer: () => undefined,
    raw: undefined,
  };

  const answerCall = (call: ScriptedCall): ScriptedAnswer => {
    if (call.method === 'eth_chainId') return { result: state.chainId };
    if (call.method === 'eth_getBlockByNumber' && call.params[0] === '0x0') {
      return { result: { ...scriptedBlock(0), hash: state.genesisHash } };
    }
    return state.answer(call);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const calls = [JSON.parse(await readBody(request))].flat() as ScriptedCall[];
    requests.push(calls);
    const raw = state.raw?.(calls);
    if (raw === 'hang') return;
    if (raw === 'reset') {
      request.socket.destroy();
      return;
    }
    if (raw !== undefined) {
      response.writeHead(raw.status, { 'content-type': 'text/html' }).end(raw.body);
      return;
    }
    const entries = calls.map((call) => ({ jsonrpc: '2.0', id: call.id, ...answerCall(call) }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(entries));
  };

  const server = createServer((request, response) => void handle(request, response));
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  return Object.defineProperties(state, {
    url: { value: `${origin.replace('//', '//user:hunter2@')}/v3/topsecretkey?token=s3cr3t` },
    origin: { value: origin },
    secrets: { value: ['hunter2', 'topsecretkey', 's3cr3t'] },
    requests: { value: requests },
    connections: { get: () => connections },
    cut: { value: cut },
    stop: {
      value: async () => {
        server.close();
        cut();
        await once(server, 'close');
      },
    },
  }) as ScriptedRpc;
};

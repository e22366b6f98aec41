import { once } from 'node:events';
import { createServer } from 'node:http';

export interface MeddlingProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** Puts something between a request and the node; 'cut' ends the connection without an answer. */
export type Meddle = (request: string, forward: (request: string) => Promise<string>) => Promise<string | 'cut'>;

/** A node behind somebody who changes questions and answers. */
export const startMeddlingProxy = async (port: number, meddle: Meddle): Promise<MeddlingProxy> => {
  const forward = async (body: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body })).text();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    // A WebSocket's request has no body: there is none behind this proxy.
    const answer = chunks.length === 0 ? 'cut' : await meddle(Buffer.concat(chunks).toString(), forward);
    if (answer === 'cut') request.socket.destroy();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

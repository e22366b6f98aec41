import { once } from 'node:events';
import { createServer } from 'node:http';

export interface RenamingProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** A node behind which every occurrence of a text in a request is another text. */
export const startRenamingProxy = async (port: number, from: string, to: string): Promise<RenamingProxy> => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString().replaceAll(from, to);
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
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

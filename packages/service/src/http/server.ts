import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { Logger } from '../log/logger.ts';
import { sanitize } from '../log/sanitize.ts';
import { listen } from '../net/listen.ts';

/** A verdict on whether a service can do its work now, with each thing it depends on. */
export interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail?: string | undefined }>>;
}

export type HttpRoute = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> | void;

export interface HttpServerOptions {
  /** `host:port`; port 0 picks a free one. */
  readonly address: string;
  readonly ready: () => Promise<Readiness>;
  readonly metrics: Registry;
  /** Further pages by exact path, for example `/status`. */
  readonly routes?: Readonly<Record<string, HttpRoute>> | undefined;
  readonly logger?: Logger | undefined;
  /** After this long without an answer of `ready` the service counts as not ready. Default 2,000. */
  readonly readyTimeoutMs?: number | undefined;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(sanitize(body)));
};

const boundedReady = async (ready: () => Promise<Readiness>, timeoutMs: number): Promise<Readiness> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    const verdict = { ok: false, checks: { readiness: { ok: false, detail: `no answer within ${timeoutMs} ms` } } };
    timer = setTimeout(() => resolve(verdict), timeoutMs);
  });
  try {
    return await Promise.race([ready(), late]);
  } catch {
    return { ok: false, checks: { readiness: { ok: false, detail: 'the check failed' } } };
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Starts the operator's port: `GET /healthz` (200 or 503, JSON with each check), `GET /metrics` (Prometheus), and the
 * given routes.
 * @throws RpcError `rpc/unavailable` when the address cannot be bound
 */
export const startHttpServer = async (options: HttpServerOptions): Promise<HttpServer> => {
  const routes: Record<string, HttpRoute> = {
    '/healthz': async (_, response) => {
      const verdict = await boundedReady(options.ready, options.readyTimeoutMs ?? 2_000);
      sendJson(response, verdict.ok ? 200 : 503, verdict);
    },
    '/metrics': async (_, response) => {
      const text = await options.metrics.metrics();
      response.writeHead(200, { 'content-type': options.metrics.contentType });
      response.end(text);
    },
    ...options.routes,
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
    if (route === undefined) return sendJson(response, 404, { error: 'not found' });
    await route(request, response, url);
  };
  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    handle(request, response).catch((err: unknown) => {
      options.logger?.error({ err }, 'http request failed');
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'internal error' });
    });
  });
  const port = await listen(server, options.address);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { GrpcCode } from '../grpc/code.ts';
import { RpcError } from '../grpc/rpc-error.ts';
import type { Logger } from '../log/logger.ts';
import { sanitize } from '../log/sanitize.ts';

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

const parseAddress = (address: string): { host: string; port: number } => {
  const at = address.lastIndexOf(':');
  const port = Number(address.slice(at + 1));
  if (at < 1 || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RpcError(GrpcCode.InvalidArgument, 'listen address is not host:port', { meta: { address } });
  }
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port };
};

const listen = (server: Server, address: string): Promise<number> => {
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new RpcError(GrpcCode.Unavailable, `cannot listen on ${address}: is the port taken?`, {
          cause,
          meta: { address },
          retryable: false,
        }),
      ),
    );
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
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

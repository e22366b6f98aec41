import type { Clock } from '@interchain-attestation/chains';
import { relayer as proto, skipRelayer } from '@interchain-attestation/proto';
import {
  createRegistry,
  implement,
  type Logger,
  type Readiness,
  type Registry,
  startGrpcServer,
  startHttpServer,
} from '@interchain-attestation/service';
import type { RelayerConfig } from './config.ts';
import type { Emit } from './events.ts';
import { logEvents } from './log-events.ts';
import { createRelayerMetrics } from './metrics.ts';
import { startMonitor } from './relay/monitor.ts';
import type { ProofApi } from './relay/proof-request.ts';
import { createRelayer, type Relayer } from './relayer.ts';
import { createRelayerService } from './rpc/relayer-service.ts';
import { createSkipService } from './rpc/skip-service.ts';
import { toStatus } from './rpc/status.ts';
import type { ChainHandle } from './watch/chain-handle.ts';

export interface StartRelayerDeps {
  /** One for each configured chain. They and the proof API's client stay open: they are the caller's. */
  readonly chains: readonly ChainHandle[];
  readonly proofApi: ProofApi;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where metrics go; a registry of its own by default. */
  readonly metrics?: Registry | undefined;
  /** Hears of everything besides logs and metrics. Must not throw. */
  readonly onEvent?: Emit | undefined;
}

/** A relayer that listens. */
export interface RunningRelayer {
  readonly relayer: Relayer;
  /** Bound gRPC port. */
  readonly port: number;
  /** Bound port of `/healthz` and `/metrics`. */
  readonly healthPort: number;
  ready(): Readiness;
  close(): Promise<void>;
}

/** Ready: every chain answers and is read up to a final block, no route stands still. */
export const readinessOf = (relayer: Relayer): Readiness => {
  const checks: Record<string, { ok: boolean; detail?: string }> = {};
  for (const { chainId, reachable, synced } of relayer.progress()) {
    const ok = reachable && synced;
    const detail = reachable ? 'reading past blocks' : 'unreachable';
    checks[`chain ${chainId}`] = ok ? { ok } : { ok, detail };
  }
  const halts = new Map(relayer.halts().map((halt) => [halt.routeId, halt]));
  for (const { id } of relayer.routes) {
    const halt = halts.get(id);
    checks[`route ${id}`] = halt === undefined ? { ok: true } : { ok: false, detail: `halted: ${halt.code}` };
  }
  return { ok: Object.values(checks).every(({ ok }) => ok), checks };
};

/**
 * Starts the relayer and listens on its configured addresses. Chains and the proof API may be down, and may come and
 * go.
 * @throws RelayerError as {@link createRelayer}; RpcError `rpc/unavailable` when a port is taken
 */
export const startRelayer = async (deps: StartRelayerDeps, config: RelayerConfig): Promise<RunningRelayer> => {
  const { chains, proofApi, clock, logger } = deps;
  const registry = deps.metrics ?? createRegistry({ labels: { service: 'relayer' } });
  const metrics = createRelayerMetrics(registry);
  const log = logEvents(logger);
  const onEvent: Emit = (event) => {
    log(event);
    metrics.onEvent(event);
    deps.onEvent?.(event);
  };
  const relayer = await createRelayer({ chains, proofApi, clock, onEvent }, config);
  metrics.attach(relayer);
  const monitor = startMonitor(relayer, config, clock, onEvent);
  const closers: (() => Promise<void>)[] = [() => relayer.close(), () => monitor.close()];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    const server = await startGrpcServer({
      address: config.listenAddress,
      services: [
        implement(skipRelayer.RelayerApiService, createSkipService(relayer)),
        implement(proto.RelayerService, createRelayerService(relayer)),
      ],
      logger,
      toStatus,
    });
    closers.push(() => server.close());
    const ready = (): Readiness => readinessOf(relayer);
    const http = await startHttpServer({
      address: config.healthAddress,
      ready: () => Promise.resolve(ready()),
      metrics: registry,
      logger,
    });
    closers.push(() => http.close());
    const counts = await relayer.queries.countsByState();
    const packets = [...counts].map(([state, count]) => `${state}: ${count}`).join(', ');
    logger.info({ port: server.port, healthPort: http.port, routes: config.routes.length, packets }, 'relayer listens');
    return { relayer, port: server.port, healthPort: http.port, ready, close };
  } catch (error) {
    await close();
    throw error;
  }
};

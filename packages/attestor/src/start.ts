import type { ChainReader, Clock, Signer } from '@interchain-attestation/chains';
import { attestor } from '@interchain-attestation/proto';
import {
  createRegistry,
  type GrpcServer,
  type HttpServer,
  implement,
  type Logger,
  type Readiness,
  type Registry,
  startGrpcServer,
  startHttpServer,
} from '@interchain-attestation/service';
import type { AttestorConfig, AttestorProcessConfig } from './config.ts';
import { AttestorError, toStatus } from './errors.ts';
import { logEvents } from './log-events.ts';
import { createAttestorMetrics, registerReadiness } from './metrics.ts';
import { type GuardOpener, type Source, startSource } from './source.ts';

/** What one attestor of a process works with. */
export interface AttestorParts {
  readonly chain: ChainReader;
  readonly signer: Signer;
}

export interface StartAttestorDeps {
  /** By the attestor's name. */
  readonly parts: Readonly<Record<string, AttestorParts>>;
  /** `openGuard` of the guard package, or a stand-in for tests. */
  readonly openGuard: GuardOpener;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where metrics go; a registry of its own by default. */
  readonly metrics?: Registry | undefined;
  /** Told when an attestor whose chain was down at start turns out later to be one that must not run. */
  readonly onFatal?: ((error: unknown) => void) | undefined;
}

export interface RunningAttestors {
  /** Bound gRPC ports by the attestor's name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Bound port of `/healthz` and `/metrics`. */
  readonly healthPort: number | undefined;
  ready(): Promise<Readiness>;
  /** Lets running calls end within `graceMs` (default 5,000), closes guards. Chains stay open: they are the caller's. */
  close(graceMs?: number): Promise<void>;
}

const partsOf = (config: AttestorConfig, { parts }: StartAttestorDeps): AttestorParts => {
  const found = Object.hasOwn(parts, config.name) ? parts[config.name] : undefined;
  if (found === undefined) throw new TypeError(`no chain and signer for attestor ${config.name}`);
  return found;
};

/** A key stated about two sources could be replayed from one to the other: nothing signed names its source. */
const assertOneSourcePerKey = (config: AttestorProcessConfig, deps: StartAttestorDeps): void => {
  const owner = new Map<string, string>();
  for (const attestorConfig of config.attestors) {
    const { address } = partsOf(attestorConfig, deps).signer;
    const other = owner.get(address);
    if (other !== undefined) {
      throw new AttestorError('attestor/key-shared', `${other} and ${attestorConfig.name} use one key, ${address}`, {
        meta: { address },
      });
    }
    owner.set(address, attestorConfig.name);
  }
};

/** Largest request that is looked at: a few packets over the limit still get an answer that says what is wrong. */
const maxRequestBytes = ({ maxPackets, maxPacketBytes }: AttestorConfig): number =>
  (maxPackets + 4) * (maxPacketBytes + 16);

const verdictsOf = async (sources: ReadonlyMap<string, Source>): Promise<ReadonlyMap<string, Readiness>> =>
  new Map(await Promise.all([...sources].map(async ([name, source]) => [name, await source.ready()] as const)));

const combine = (verdicts: ReadonlyMap<string, Readiness>): Readiness => ({
  ok: [...verdicts.values()].every(({ ok }) => ok),
  checks: Object.fromEntries(
    [...verdicts].flatMap(([name, { checks }]) =>
      Object.entries(checks).map(([check, result]) => [`${name}.${check}`, result] as const),
    ),
  ),
});

/** Keeps grpc.health.v1 at what `/healthz` says. */
const showReadiness = async (
  source: Source,
  server: GrpcServer,
  { pollIntervalMs }: AttestorConfig,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const { ok } = await source.ready();
    server.setServingStatus(ok ? 'SERVING' : 'NOT_SERVING');
    await clock.sleep(pollIntervalMs, signal).catch(() => {});
  }
};

/**
 * Runs attestors: a gRPC port each, one port for health and metrics. A chain that is down does not keep the process
 * from starting; a guard that must not be opened, a taken port or a wrong key do, and then nothing is left running.
 * @throws GuardError as `openGuard`; AttestorError `attestor/key-shared`, `attestor/wrong-signer`; ChainError
 * `chain/wrong-chain`; RpcError `rpc/unavailable` for a taken port
 */
export const startAttestor = async (
  config: AttestorProcessConfig,
  deps: StartAttestorDeps,
): Promise<RunningAttestors> => {
  assertOneSourcePerKey(config, deps);
  const registry = deps.metrics ?? createRegistry();
  const metrics = createAttestorMetrics(registry);
  const sources = new Map<string, Source>();
  const servers: GrpcServer[] = [];
  const ports: Record<string, number> = {};
  let http: HttpServer | undefined;

  const ended = new AbortController();
  const close = async (graceMs?: number): Promise<void> => {
    ended.abort();
    await Promise.all(servers.map((server) => server.close(graceMs)));
    await Promise.all([...sources.values()].map((source) => source.close()));
    await http?.close();
  };
  const startOne = async (attestorConfig: AttestorConfig): Promise<void> => {
    const { name } = attestorConfig;
    const { chain, signer } = partsOf(attestorConfig, deps);
    const logger = deps.logger.child({ attestor: name, chain: chain.name });
    const counted = metrics.of(name);
    const log = logEvents(logger);
    const source = startSource(
      attestorConfig,
      {
        chain,
        signer,
        openGuard: deps.openGuard,
        clock: deps.clock,
        logger,
        emit(event) {
          counted.observe(event);
          log(event);
        },
      },
      (error) => deps.onFatal?.(error),
    );
    sources.set(name, source);
    await source.started;
    const server = await startGrpcServer({
      address: attestorConfig.listen,
      services: [implement(attestor.AttestationService, source.impl)],
      logger,
      toStatus,
      maxRequestBytes: maxRequestBytes(attestorConfig),
      onCall: counted.call,
    });
    servers.push(server);
    void showReadiness(source, server, attestorConfig, deps.clock, ended.signal);
    ports[name] = server.port;
    logger.info({ address: attestorConfig.listen, port: server.port }, 'listening');
  };

  const ready = async (): Promise<Readiness> => combine(await verdictsOf(sources));
  registerReadiness(
    registry,
    async () => new Map([...(await verdictsOf(sources))].map(([name, { ok }]) => [name, ok] as const)),
  );
  try {
    const starts = await Promise.allSettled(config.attestors.map(startOne));
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    if (config.health !== undefined) {
      http = await startHttpServer({ address: config.health, ready, metrics: registry, logger: deps.logger });
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  return { ports, healthPort: http?.port, ready, close };
};

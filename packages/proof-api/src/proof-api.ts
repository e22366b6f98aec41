import type { ChainReader, ClientReader, EventSource } from '@interchain-attestation/chains';
import { attestor as attestorProto, type proofApi } from '@interchain-attestation/proto';
import {
  createGrpcClient,
  type Logger,
  type Readiness,
  type Registry,
  type ServiceImpl,
  silentLogger,
} from '@interchain-attestation/service';
import { type AttestationClient, Attestor, type AttestorEndpoint } from './attestors/attestor.ts';
import { printable } from './attestors/failure.ts';
import type { ProofApiConfig } from './config.ts';
import { createCosmosDestKind } from './cosmos/dest-kind.ts';
import { ProofApiError } from './errors.ts';
import type { EmitEvent, ProofApiEvent } from './events.ts';
import { EvidenceRecorder } from './evidence/recorder.ts';
import { createFileEvidenceStore, createMemoryEvidenceStore, type EvidenceStore } from './evidence/store.ts';
import { evmDestKind } from './evm/dest-kind.ts';
import { createEventLog } from './observe/log-events.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { checkReadiness } from './observe/readiness.ts';
import { Dest } from './route/dest.ts';
import type { RelayQuery } from './route/gather.ts';
import { type RelayResult, Route } from './route/route.ts';
import { Source } from './route/source.ts';
import { fromChainError } from './rpc/chain-errors.ts';
import { createService } from './rpc/service.ts';

/** The ports of one chain; its name is that of the reader. */
export interface ProofApiChain {
  readonly reader: ChainReader;
  readonly clients: ClientReader;
  readonly events: EventSource;
}

export interface ProofApiDeps {
  readonly chains: Iterable<ProofApiChain>;
  readonly logger?: Logger;
  /** Where metrics are registered; none when left out. */
  readonly metrics?: Registry;
  /** Makes the client of an attestor; gRPC when left out. */
  readonly connect?: (endpoint: AttestorEndpoint) => AttestationClient;
  /** The configured folder, or memory, when left out. */
  readonly evidence?: EvidenceStore;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** Everything that happens inside, besides metrics and logs. */
  readonly onEvent?: (event: ProofApiEvent) => void;
}

/** A running proof API, without a port of its own. */
export interface ProofApi {
  /** The gRPC methods: for a server, or for `createLocalClient` in the same process. */
  readonly service: ServiceImpl<typeof proofApi.ProofApiService>;
  readonly metrics: Metrics | undefined;
  /** RelayByTx with all that is known about the result. @throws ProofApiError */
  relay(source: string, dest: string, query: RelayQuery, signal?: AbortSignal): Promise<RelayResult>;
  /** Serves a stopped client again. @returns false when it was not stopped */
  resume(source: string, dest: string, clientId: string): boolean;
  readiness(): Promise<Readiness>;
  /** Stops watching, closes connections, and waits until all evidence is stored. Chains stay open: they were given. */
  close(): Promise<void>;
}

/** A response of an attestor is a few kilobytes at most (100 packets: 6.6 kB); nobody may send more. */
const MAX_RESPONSE_BYTES = 64 * 1024;

const byName = (chains: Iterable<ProofApiChain>): ReadonlyMap<string, ProofApiChain> => {
  const map = new Map<string, ProofApiChain>();
  for (const chain of chains) map.set(chain.reader.name, chain);
  return map;
};

const createSources = (
  config: ProofApiConfig,
  deps: ProofApiDeps,
  chainOf: (name: string) => ProofApiChain,
  emit: EmitEvent,
  now: () => number,
): ReadonlyMap<string, Source> => {
  const { attestorTimeoutMs: timeoutMs, maxInFlight, heightPollMs } = config;
  const breaker = {
    failures: config.breakerFailures,
    openMs: config.breakerOpenMs,
    maxOpenMs: config.breakerMaxOpenMs,
  };
  const connect =
    deps.connect ??
    (({ address }) =>
      createGrpcClient(attestorProto.AttestationService, { address, timeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES }));
  return new Map(
    config.sources.map(({ chain, attestors }) => {
      const list = attestors.map((endpoint) => {
        const about = { source: chain, attestor: endpoint.name };
        const options = {
          timeoutMs,
          maxInFlight,
          breaker,
          onAvailability: (up: boolean) => emit({ type: up ? 'attestor-up' : 'attestor-down', ...about }),
          onHeight: (height: bigint) => emit({ type: 'attestor-height', ...about, height }),
        };
        return new Attestor(endpoint, connect(endpoint), options, now);
      });
      return [chain, new Source(chainOf(chain), list, { heightPollMs, emit })];
    }),
  );
};

/**
 * Starts asking: connects to attestors (none has to be up) and watches the source chains.
 * @throws ProofApiError `proof-api/config-invalid` for a chain that is not given
 */
export const createProofApi = (deps: ProofApiDeps, config: ProofApiConfig): ProofApi => {
  const now = deps.now ?? Date.now;
  const chains = byName(deps.chains);
  const chainOf = (name: string): ProofApiChain => {
    const chain = chains.get(name);
    if (chain !== undefined) return chain;
    throw new ProofApiError('proof-api/config-invalid', `chain ${name} is not configured`, { meta: { chain: name } });
  };
  const metrics = deps.metrics === undefined ? undefined : createMetrics(deps.metrics);
  const log = createEventLog(deps.logger ?? silentLogger, now);
  const emit: EmitEvent = (event) => {
    metrics?.onEvent(event);
    log(event);
    deps.onEvent?.(event);
  };
  const recorder = new EvidenceRecorder({
    store:
      deps.evidence ??
      (config.evidenceDir === undefined ? createMemoryEvidenceStore() : createFileEvidenceStore(config.evidenceDir)),
    now,
    onEvidence: (evidence) => emit({ type: 'evidence', evidence }),
    onLost: (evidence, reason, error) => emit({ type: 'evidence-lost', evidence, reason, error }),
  });
  const sources = createSources(config, deps, chainOf, emit, now);
  const dests = new Map<string, Dest>();
  const routes = new Map<string, Route>();
  const newDest = (name: string): Dest => {
    const chain = chainOf(name);
    const { kind } = chain.reader;
    const signer = config.signers[name] ?? '';
    const destKind = kind === 'evm' ? evmDestKind : createCosmosDestKind(signer);
    const { clientCacheMs, maxPacketBytes } = config;
    return new Dest(chain, destKind, { clientCacheMs, maxPacketBytes, now });
  };
  const keyOf = (source: string, dest: string): string => JSON.stringify([source, dest]);
  for (const { source: from, dest: to, clients } of config.routes) {
    const dest = dests.get(to) ?? newDest(to);
    dests.set(to, dest);
    const source = sources.get(from);
    if (source === undefined) throw new ProofApiError('proof-api/config-invalid', `no attestors for ${from}`);
    const { finalityWaitMs } = config;
    const options = { clients, finalityWaitMs, recentBlocks: BigInt(config.recentBlocks), now };
    routes.set(keyOf(from, to), new Route({ source, dest, recorder, emit }, options));
  }
  const findRoute = (source: string, dest: string): Route => {
    const route = routes.get(keyOf(source, dest));
    if (route !== undefined) return route;
    const known = config.routes.map((each) => `${each.source} -> ${each.dest}`).join(', ');
    throw new ProofApiError(
      'proof-api/unknown-route',
      `no route ${printable(`${source} -> ${dest}`)}; there are: ${known}`,
      {
        meta: { source: printable(source), dest: printable(dest) },
      },
    );
  };
  return {
    service: createService(findRoute),
    metrics,
    async relay(source, dest, query, signal = new AbortController().signal) {
      try {
        return await findRoute(source, dest).relay(query, signal);
      } catch (error) {
        throw fromChainError(error);
      }
    },
    resume(source, dest, clientId) {
      const { stops } = findRoute(source, dest);
      recorder.forgive({ source, dest, clientId });
      return stops.clear(clientId);
    },
    readiness: () => checkReadiness([...routes.values()]),
    async close() {
      for (const source of sources.values()) source.close();
      await recorder.flush();
    },
  };
};

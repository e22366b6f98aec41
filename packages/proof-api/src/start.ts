import { proofApi } from '@interchain-attestation/proto';
import {
  createRegistry,
  grpcCodeName,
  implement,
  startGrpcServer,
  startHttpServer,
} from '@interchain-attestation/service';
import type { ProofApiConfig } from './config.ts';
import { toStatus } from './errors.ts';
import { createProofApi, type ProofApi, type ProofApiDeps } from './proof-api.ts';

/** A proof API that listens. */
export interface RunningProofApi {
  readonly api: ProofApi;
  readonly port: number;
  readonly httpPort: number | undefined;
  close(): Promise<void>;
}

/**
 * Starts the service on its configured addresses. Attestors may be down, and may come and go.
 * @throws ProofApiError `proof-api/config-invalid`; RpcError `rpc/unavailable` when a port is taken
 */
export const startProofApi = async (deps: ProofApiDeps, config: ProofApiConfig): Promise<RunningProofApi> => {
  const metrics = deps.metrics ?? createRegistry({ labels: { service: 'proof-api' } });
  const api = createProofApi({ ...deps, metrics }, config);
  const { logger } = deps;
  const closers: (() => Promise<void>)[] = [() => api.close()];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    const server = await startGrpcServer({
      address: config.listenAddress,
      services: [implement(proofApi.ProofApiService, api.service)],
      logger,
      toStatus,
      onCall: ({ path, grpcCode, durationMs }) =>
        api.metrics?.onCall({ path, code: grpcCodeName(grpcCode), durationMs }),
    });
    closers.push(() => server.close());
    const { httpAddress: address } = config;
    const ready = (): ReturnType<ProofApi['readiness']> => api.readiness();
    const http = address === undefined ? undefined : await startHttpServer({ address, ready, metrics, logger });
    if (http !== undefined) closers.push(() => http.close());
    logger?.info({ port: server.port, httpPort: http?.port, routes: config.routes.length }, 'proof API listens');
    return { api, port: server.port, httpPort: http?.port, close };
  } catch (error) {
    await close();
    throw error;
  }
};

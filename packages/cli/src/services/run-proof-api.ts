import { join } from 'node:path';
import { parseProofApiConfig, startProofApi, toStatus } from '@interchain-attestation/proof-api';
import { proofApi as proto } from '@interchain-attestation/proto';
import { createLocalClient, type RpcClient } from '@interchain-attestation/service';
import type { AttestConfig } from '../config/types.ts';
import { CliError } from '../output/errors.ts';
import { logChainEvents } from './chain-log.ts';
import { type Chain, chainIdOf, connectChain } from './chains.ts';
import { knownClients } from './clients.ts';
import { boundAddress, type RoleDeps, type RunningRole } from './role.ts';

/** Where contradictions between attestors are kept. */
export const evidenceDirectory = (config: AttestConfig): string => join(config.dataDir, 'evidence');

/** The proof API with a client that reaches it inside this process. */
export interface RunningProofApiRole extends RunningRole {
  readonly client: RpcClient<typeof proto.ProofApiService>;
}

/** Runs the proof API. Chains are known there by their chain id, as relayers of every make ask for them. */
export const runProofApi = async ({ config, logger }: RoleDeps): Promise<RunningProofApiRole> => {
  const { proofApi } = config;
  if (proofApi === undefined) throw new CliError('cli/usage', 'the file has no proofApi section');
  const clients = await knownClients(config);
  const idOf = (chain: string): string => chainIdOf(config, chain);
  const names = [...new Set(clients.flatMap(({ on, of }) => [on, of]))];
  const chains: Chain[] = [];
  const closeChains = async (): Promise<void> => {
    await Promise.all(chains.map((chain) => chain.close()));
  };
  try {
    for (const name of names) {
      const onEvent = logChainEvents(logger, name, { tellsRecovery: false });
      chains.push(await connectChain(config, name, { as: idOf(name), onEvent }));
    }
    const attestorsOf = (chain: string): readonly { name: string; address: string }[] =>
      [...new Set(clients.filter(({ of }) => of === chain).flatMap(({ attestors }) => attestors))].flatMap((name) => {
        const entry = config.attestors[name];
        return entry === undefined ? [] : [{ name, address: entry.url }];
      });
    const sources = [...new Set(clients.map(({ of }) => of))];
    const routes = Map.groupBy(clients, ({ on, of }) => `${of} ${on}`);
    const running = await startProofApi(
      { chains, logger },
      parseProofApiConfig({
        listenAddress: proofApi.listen,
        ...(proofApi.health === undefined ? {} : { httpAddress: proofApi.health }),
        evidenceDir: evidenceDirectory(config),
        maxPacketBytes: proofApi.maxPacketBytes,
        sources: sources.map((chain) => ({ chain: idOf(chain), attestors: attestorsOf(chain) })),
        routes: [...routes.values()].flatMap(([first, ...rest]) =>
          first === undefined
            ? []
            : [{ source: idOf(first.of), dest: idOf(first.on), clients: [first, ...rest].map(({ id }) => id) }],
        ),
      }),
    );
    const addresses: Record<string, string> = { grpc: boundAddress(proofApi.listen, running.port) };
    if (proofApi.health !== undefined) addresses.health = boundAddress(proofApi.health, running.httpPort);
    return {
      role: 'proof-api',
      client: createLocalClient(proto.ProofApiService, running.api.service, { toStatus }),
      addresses,
      close: async () => {
        await running.close();
        await closeChains();
      },
    };
  } catch (error) {
    await closeChains();
    throw error;
  }
};

import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '@interchain-attestation/chains';
import { createEvmChain, type EvmChain } from '@interchain-attestation/chains/evm';
import { proofApi as proto } from '@interchain-attestation/proto';
import { type ChainHandle, type ProofApi, parseRelayerConfig, startRelayer } from '@interchain-attestation/relayer';
import { createGrpcClient } from '@interchain-attestation/service';
import type { AttestConfig, RelayerEntry } from '../config/types.ts';
import { CliError } from '../output/errors.ts';
import { logChainEvents } from './chain-log.ts';
import { chainEntry, evmChainConfig, manifestOf } from './chains.ts';
import { allClients } from './clients.ts';
import { boundAddress, type RoleDeps, type RunningRole } from './role.ts';

/** The block to begin at when the store knows nothing yet: that of the router, so that no packet of its life is missed. */
const startHeight = async (config: AttestConfig, chain: string): Promise<string | undefined> => {
  const configured = config.relayer?.startHeights[chain];
  return configured === undefined
    ? (await manifestOf(config, chain))?.contracts.ics26Router?.blockNumber
    : String(configured);
};

const storePath = (config: AttestConfig, relayer: RelayerEntry): string =>
  relayer.database ?? join(config.dataDir, 'relayer.db');

/**
 * Runs the relayer.
 * @param localProofApi the proof API of this process, when it runs here too: nothing then goes over a socket
 */
export const runRelayer = async (deps: RoleDeps, localProofApi: ProofApi | undefined): Promise<RunningRole> => {
  const { config, logger, keyring } = deps;
  const { relayer } = config;
  if (relayer === undefined) throw new CliError('cli/usage', 'the file has no relayer section');
  const address = relayer.proofApi ?? config.proofApi?.url ?? config.proofApi?.listen;
  const proofApi =
    localProofApi ?? (address === undefined ? undefined : createGrpcClient(proto.ProofApiService, { address }));
  if (proofApi === undefined) throw new CliError('cli/usage', 'the relayer knows no proof API');

  const idOf = (chain: string): string => String(chainEntry(config, chain).chainId);
  const names = [...new Set(allClients(config).flatMap(({ on, of }) => [on, of]))];
  const chains: EvmChain[] = [];
  const close = async (): Promise<void> => {
    if (localProofApi === undefined) proofApi.close();
    await Promise.all(chains.map((chain) => chain.close()));
  };
  try {
    const handles: ChainHandle[] = [];
    for (const name of names) {
      const signer = await keyring.signer(relayer.signers[name] ?? '');
      const chain = createEvmChain(await evmChainConfig(config, name), { onEvent: logChainEvents(logger, name) });
      chains.push(chain);
      handles.push({
        chainId: idOf(name),
        reader: chain.reader,
        events: chain.events,
        sender: chain.createSender(signer),
      });
    }
    const heights = await Promise.all(names.map((name) => startHeight(config, name)));
    const { listen, health, batch, lowBalance, maxAttempts, maxParallelBatches } = relayer;
    await mkdir(dirname(storePath(config, relayer)), { recursive: true, mode: 0o700 });
    const running = await startRelayer(
      { chains: handles, proofApi, clock: systemClock, logger },
      parseRelayerConfig({
        storePath: storePath(config, relayer),
        listenAddress: listen,
        ...(health === undefined ? {} : { healthAddress: health }),
        ...(batch === undefined ? {} : { batch }),
        ...(lowBalance === undefined ? {} : { lowBalance }),
        ...(maxAttempts === undefined ? {} : { maxAttempts }),
        ...(maxParallelBatches === undefined ? {} : { maxParallelBatches }),
        chains: names.map((name, index) => ({ chainId: idOf(name), startHeight: heights[index] })),
        routes: Object.entries(config.connections).map(([id, { clients }]) => ({
          id,
          ends: clients.map(({ on, id: clientId }) => ({ chainId: idOf(on), clientId })),
        })),
      }),
    );
    return {
      role: 'relayer',
      addresses: {
        grpc: boundAddress(listen, running.port),
        health: boundAddress(health ?? '127.0.0.1:0', running.healthPort),
      },
      close: async () => {
        await running.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

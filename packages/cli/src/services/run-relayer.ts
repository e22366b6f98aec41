import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '@interchain-attestation/chains';
import { proofApi as proto } from '@interchain-attestation/proto';
import { type ChainHandle, type ProofApi, parseRelayerConfig, startRelayer } from '@interchain-attestation/relayer';
import { createGrpcClient } from '@interchain-attestation/service';
import type { AttestConfig, RelayerEntry } from '../config/types.ts';
import { CliError } from '../output/errors.ts';
import { logChainEvents } from './chain-log.ts';
import { type Chain, chainIdOf, connectChain, manifestOf } from './chains.ts';
import { knownConnections } from './clients.ts';
import { boundAddress, type RoleDeps, type RunningRole } from './role.ts';

/**
 * The block to begin at when the store knows nothing yet, so that no packet is missed: that of the router (EVM), or of
 * the first client that was created for a connection (Cosmos). Undefined, from now on, for what others deployed.
 */
const startHeight = async (config: AttestConfig, chain: string): Promise<string | undefined> => {
  const configured = config.relayer?.startHeights[chain];
  if (configured !== undefined) return String(configured);
  const manifest = await manifestOf(config, chain);
  if (manifest?.kind !== 'cosmos') return manifest?.contracts.ics26Router?.blockNumber;
  const heights = Object.values(manifest.clients).map(({ created }) => created?.height);
  if (heights.length === 0 || heights.includes(undefined)) return undefined;
  return heights
    .flatMap((height) => (height === undefined ? [] : [BigInt(height)]))
    .toSorted((a, b) => (a < b ? -1 : 1))[0]
    ?.toString();
};

const SECONDS_PER_DAY = 86_400;

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

  const idOf = (chain: string): string => chainIdOf(config, chain);
  const connections = await knownConnections(config);
  const names = [...new Set(connections.flatMap(({ clients }) => clients.map(({ on }) => on)))];
  const chains: Chain[] = [];
  const close = async (): Promise<void> => {
    if (localProofApi === undefined) proofApi.close();
    await Promise.all(chains.map((chain) => chain.close()));
  };
  try {
    const handles: ChainHandle[] = [];
    for (const name of names) {
      const signer = await keyring.signer(relayer.signers[name] ?? '');
      const onEvent = logChainEvents(logger, name, { tellsRecovery: true });
      const chain = await connectChain(config, name, { onEvent });
      chains.push(chain);
      handles.push({
        chainId: idOf(name),
        reader: chain.reader,
        events: chain.events,
        sender: chain.createSender(signer),
      });
    }
    const heights = await Promise.all(names.map((name) => startHeight(config, name)));
    const { listen, health, batch, lowBalance, maxAttempts, maxParallelBatches, keepFinishedDays } = relayer;
    await mkdir(dirname(storePath(config, relayer)), { recursive: true, mode: 0o700 });
    const running = await startRelayer(
      { chains: handles, proofApi, clock: systemClock, logger },
      parseRelayerConfig({
        storePath: storePath(config, relayer),
        listenAddress: listen,
        ...(health === undefined ? {} : { healthAddress: health }),
        ...(batch === undefined ? {} : { batch }),
        ...(typeof lowBalance === 'string' ? { lowBalance } : {}),
        ...(maxAttempts === undefined ? {} : { maxAttempts }),
        ...(maxParallelBatches === undefined ? {} : { maxParallelBatches }),
        ...(keepFinishedDays === undefined ? {} : { keepFinishedSec: keepFinishedDays * SECONDS_PER_DAY }),
        chains: names.map((name, index) => ({
          chainId: idOf(name),
          startHeight: heights[index],
          lowBalance: typeof lowBalance === 'object' ? lowBalance[name] : undefined,
        })),
        routes: connections.map(({ name, clients }) => ({
          id: name,
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

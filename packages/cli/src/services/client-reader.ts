import { createEvmChain, type EvmChain } from '@interchain-attestation/chains/evm';
import type { AttestConfig, ClientEntry } from '../config/types.ts';
import { CliError } from '../output/errors.ts';
import { evmChainConfig } from './chains.ts';
import { allClients } from './clients.ts';
import type { InspectedClient } from './proof-inspect.ts';

/** Runs `work` with a connection to a chain of the file. */
export const withChain = async <T>(
  config: AttestConfig,
  name: string,
  work: (chain: EvmChain) => Promise<T>,
): Promise<T> => {
  const chain = createEvmChain(await evmChainConfig(config, name));
  try {
    return await work(chain);
  } finally {
    await chain.close();
  }
};

/** The client of this id: on the chain that was named, or the only one of the file. @throws CliError `cli/usage` */
export const findClient = (
  config: AttestConfig,
  id: string,
  on: string | undefined,
): Pick<ClientEntry, 'on' | 'id'> => {
  if (on !== undefined) return { on, id };
  const found = allClients(config).filter((client) => client.id === id);
  const [client] = found;
  if (client === undefined || found.length > 1) {
    throw new CliError('cli/usage', `which chain holds client ${id}? say so with --on`);
  }
  return client;
};

/** A client with its timestamps at these heights, ready for a verdict. */
export const readClient = async (chain: EvmChain, id: string, heights: readonly bigint[]): Promise<InspectedClient> => {
  const state = await chain.clients.clientState(id);
  const timestamps = await chain.clients.consensusTimestamps(id, heights);
  const consensus = heights.flatMap((height, index) => {
    const timestamp = timestamps[index];
    return timestamp === undefined ? [] : [[height, timestamp] as const];
  });
  return { state, consensus: new Map(consensus), verifiesOncePerTransaction: state.verifiesOncePerTransaction };
};

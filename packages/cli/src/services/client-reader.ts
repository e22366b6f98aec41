import type { AttestConfig, KnownClient } from '../config/types.ts';
import { CliError } from '../output/errors.ts';
import { type Chain, connectChain } from './chains.ts';
import { deployedClients } from './clients.ts';
import type { InspectedClient } from './judge-proof.ts';
import { PROFILES, type ProfileName } from './profile.ts';

/** Runs `work` with a connection to a chain of the file. */
export const withChain = async <T>(
  config: AttestConfig,
  name: string,
  work: (chain: Chain) => Promise<T>,
): Promise<T> => {
  const chain = await connectChain(config, name);
  try {
    return await work(chain);
  } finally {
    await chain.close();
  }
};

/** The client of this id: on the chain that was named, or the only one of the file. @throws CliError `cli/usage` */
export const findClient = async (
  config: AttestConfig,
  id: string,
  on: string | undefined,
): Promise<Pick<KnownClient, 'on' | 'id'>> => {
  if (on !== undefined) return { on, id };
  const found = (await deployedClients(config)).filter((client) => client.id === id);
  const [client] = found;
  if (client === undefined || found.length > 1) {
    throw new CliError('cli/usage', `which chain holds client ${id}? say so with --on`);
  }
  return client;
};

/** A client with its timestamps at these heights, ready for a verdict. */
export const readClient = async (chain: Chain, id: string, heights: readonly bigint[]): Promise<InspectedClient> => {
  const state = await chain.clients.clientState(id);
  const timestamps = await chain.clients.consensusTimestamps(id, heights);
  const profile = profileOf(chain, state);
  const consensus = heights.flatMap((height, index) => {
    const timestamp = timestamps[index];
    return timestamp === undefined ? [] : [[height, PROFILES[profile].toConsensusTimestamp(timestamp)] as const];
  });
  return { state, consensus: new Map(consensus), profile };
};

/** The rules that a client on a chain goes by. */
export const profileOf = (
  { reader }: Pick<Chain, 'reader'>,
  { verifiesOncePerTransaction }: { readonly verifiesOncePerTransaction: boolean },
): ProfileName => {
  if (reader.kind === 'cosmos') return 'ibc-go';
  return verifiesOncePerTransaction ? 'solidity' : 'deployed-solidity';
};

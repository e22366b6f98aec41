import type { PendingCosmosClient } from '../manifest/schema.ts';
import { fromChain, ifFound } from './chain-error.ts';
import type { CosmosRun } from './run.ts';

const sequenceOf = (clientId: string): number => Number(clientId.slice(clientId.lastIndexOf('-') + 1));

/**
 * The client that a MsgCreateClient made: created by this account, without a counterparty, with exactly this set, quorum,
 * initial height and time, and in no connection yet. The newest where there are several: they are the same.
 */
export const findCreated = async (run: CosmosRun, wanted: PendingCosmosClient): Promise<string | undefined> => {
  const { chain, journal, name } = run;
  const { initialHeight, initialTimestampSec, creator } = wanted.created;
  const used = new Set(Object.values(journal.manifest.clients).map(({ clientId }) => clientId));
  const isIt = async (clientId: string): Promise<boolean> => {
    if ((await chain.registry.creator(clientId)) !== creator) return false;
    const state = await ifFound(chain.clients.clientState(clientId));
    if (state === undefined || state.minRequiredSigs !== wanted.quorum) return false;
    if (JSON.stringify(state.attestors) !== JSON.stringify(wanted.attestors)) return false;
    const [timestampSec] = await chain.clients.consensusTimestamps(clientId, [BigInt(initialHeight)]);
    return timestampSec === BigInt(initialTimestampSec);
  };
  return fromChain(name, async () => {
    const ids = (await chain.registry.clientIds()).filter((id) => id.startsWith('attestations-') && !used.has(id));
    for (const clientId of ids.toSorted((a, b) => sequenceOf(b) - sequenceOf(a))) {
      if (await isIt(clientId)) return clientId;
    }
    return undefined;
  });
};

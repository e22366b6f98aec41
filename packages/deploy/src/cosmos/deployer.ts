import type { Signer } from '@interchain-attestation/chains';
import type { CosmosChain } from '@interchain-attestation/chains/cosmos';
import { manifestFile } from '../manifest/file.ts';
import { openJournal } from '../manifest/journal.ts';
import { withLock } from '../manifest/lock.ts';
import type { CosmosManifest } from '../manifest/schema.ts';
import type { DeployResult, StepListener } from '../plan/report.ts';
import { fromChain } from './chain-error.ts';
import { type CosmosClientOptions, deployCosmosClient } from './client.ts';
import { type CosmosCounterpartyOptions, registerCounterparty } from './counterparty.ts';
import { beginCosmosRun, type CosmosRun } from './run.ts';

export interface CosmosDeployerOptions {
  /** Stays open: it was given. */
  readonly chain: CosmosChain;
  /** Who deploys; a bech32 address is enough for a dry run, which it then is. */
  readonly who: Signer | string;
  /** Directory of the manifests: one file a chain. */
  readonly directory: string;
  /** Only says what would be done: sends nothing and writes nothing. */
  readonly dryRun?: boolean;
  readonly listener?: StepListener;
}

/** Deploys to one Cosmos chain. Each command may be run again at any time: what exists is checked, what is missing is done. */
export interface CosmosDeployer {
  /** The id is undefined in a dry run that would create the client. */
  client(options: CosmosClientOptions): Promise<DeployResult & { readonly clientId: string | undefined }>;
  counterparty(options: CosmosCounterpartyOptions): Promise<DeployResult>;
}

export const createCosmosDeployer = (options: CosmosDeployerOptions): CosmosDeployer => {
  const { chain, who, directory, listener } = options;
  const { name } = chain.reader;
  const file = manifestFile(directory, name);
  const dryRun = options.dryRun === true || typeof who === 'string';
  const sender = typeof who === 'string' ? undefined : chain.createSender(who);
  const account = typeof who === 'string' ? who : (sender?.account ?? '');

  const perform = async <T>(task: (run: CosmosRun) => Promise<T>): Promise<{ result: DeployResult; value: T }> => {
    const work = async (): Promise<{ result: DeployResult; value: T }> => {
      const { chainId, genesisHash } = await fromChain(name, () => chain.reader.identity());
      const fresh: CosmosManifest = { version: 1, kind: 'cosmos', chainId, genesisHash, clients: {} };
      const journal = await openJournal<CosmosManifest>(file, fresh, dryRun);
      const run = beginCosmosRun({ chain, journal, account, sender: dryRun ? undefined : sender, listener });
      const value = await task(run);
      return { result: { chain: name, steps: run.steps, warnings: run.warnings }, value };
    };
    return dryRun ? work() : withLock(file, work);
  };
  return {
    async client(client) {
      const { result, value } = await perform((run) => deployCosmosClient(run, client));
      return { ...result, clientId: value };
    },
    counterparty: async (counterparty) => (await perform((run) => registerCounterparty(run, counterparty))).result,
  };
};

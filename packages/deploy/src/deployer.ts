import type { Signer } from '@interchain-attestation/chains';
import type { Address } from '@interchain-attestation/core';
import { type ChainTarget, connectChain } from './chain/connect.ts';
import { type ClientOptions, deployClient } from './client.ts';
import { type CoreOptions, deployCore } from './core.ts';
import { type HandoverOptions, handOver } from './handover.ts';
import { manifestFile } from './manifest/file.ts';
import { openJournal } from './manifest/journal.ts';
import { withLock } from './manifest/lock.ts';
import type { Manifest } from './manifest/schema.ts';
import type { DeployResult, StepListener } from './plan/report.ts';
import { beginRun, type Run } from './plan/run.ts';
import { deployTransfer } from './transfer.ts';

export interface DeployerOptions {
  readonly chain: ChainTarget;
  /** Who deploys; its address is enough for a dry run. */
  readonly who: Signer | Address;
  /** Directory of the manifests: one file a chain. */
  readonly directory: string;
  /** Only says what would be done: sends nothing and writes nothing. */
  readonly dryRun?: boolean;
  readonly listener?: StepListener;
}

/** Deploys to one chain. Each command may be run again at any time: what exists is checked, what is missing is done. */
export interface Deployer {
  core(options: CoreOptions): Promise<DeployResult>;
  transfer(): Promise<DeployResult>;
  client(options: ClientOptions): Promise<DeployResult>;
  handover(options: HandoverOptions): Promise<DeployResult>;
}

export const createDeployer = (options: DeployerOptions): Deployer => {
  const { chain: target, who, directory, dryRun = false, listener } = options;
  const file = manifestFile(directory, target.name);
  const perform = async (task: (run: Run) => Promise<void>): Promise<DeployResult> => {
    const work = async (): Promise<DeployResult> => {
      const chain = await connectChain(target, who);
      const { chainId, genesisHash } = chain;
      const fresh: Manifest = { version: 1, chainId: String(chainId), genesisHash, contracts: {}, clients: {} };
      const journal = await openJournal(file, fresh, dryRun);
      const run = await beginRun(chain, journal, { dryRun, listener });
      await task(run);
      run.finish();
      return { chain: target.name, steps: run.steps, warnings: run.warnings };
    };
    return dryRun ? work() : withLock(file, work);
  };
  return {
    core: (core) => perform((run) => deployCore(run, core)),
    transfer: () => perform(deployTransfer),
    client: (client) => perform((run) => deployClient(run, client)),
    handover: (handover) => perform((run) => handOver(run, handover)),
  };
};

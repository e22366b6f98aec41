import type { TransactionReceipt, TxSender } from '@interchain-attestation/chains';
import type { CosmosChain } from '@interchain-attestation/chains/cosmos';
import { DeployError } from '../errors.ts';
import type { Journal } from '../manifest/journal.ts';
import type { CosmosManifest } from '../manifest/schema.ts';
import type { StepListener, StepReport } from '../plan/report.ts';
import { fromChain } from './chain-error.ts';

/** One command on one Cosmos chain. */
export interface CosmosRun {
  readonly name: string;
  readonly chain: CosmosChain;
  readonly journal: Journal<CosmosManifest>;
  /** Bech32 address of who deploys. */
  readonly account: string;
  readonly dryRun: boolean;
  readonly steps: readonly StepReport[];
  readonly warnings: string[];
  report(step: Omit<StepReport, 'chain'>): void;
  /** @throws DeployError `deploy/transaction-failed` and what else the sender throws */
  submit(title: string, tx: Uint8Array): Promise<TransactionReceipt>;
}

export const beginCosmosRun = (parts: {
  readonly chain: CosmosChain;
  readonly journal: Journal<CosmosManifest>;
  readonly account: string;
  /** Absent in a dry run. */
  readonly sender: TxSender | undefined;
  readonly listener?: StepListener | undefined;
}): CosmosRun => {
  const { chain, journal, account, sender, listener } = parts;
  const { name } = chain.reader;
  const steps: StepReport[] = [];
  return {
    name,
    chain,
    journal,
    account,
    dryRun: sender === undefined,
    steps,
    warnings: [],
    report(step) {
      const report = { chain: name, ...step };
      steps.push(report);
      listener?.({ type: 'end', report });
    },
    async submit(title, tx) {
      if (sender === undefined) throw new DeployError('deploy/invalid-input', 'sending needs the key of the deployer');
      listener?.({ type: 'begin', chain: name, title });
      const receipt = await fromChain(name, () => sender.submit({ tx, address: '' }));
      if (receipt.success) return receipt;
      throw new DeployError('deploy/transaction-failed', `${title}: ${receipt.txId} failed: ${receipt.failure}`, {
        meta: { txHash: receipt.txId },
      });
    },
  };
};

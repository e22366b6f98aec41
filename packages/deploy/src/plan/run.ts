import { type Address, type Hex, parseAddress } from '@interchain-attestation/core';
import { type Abi, getContractAddress, keccak256, type TransactionReceipt } from 'viem';
import { type DeployChain, reach } from '../chain/connect.ts';
import { minedReceipt, sendStep, settlePending } from '../chain/send.ts';
import { assertNoDifference, DeployError } from '../errors.ts';
import type { Journal } from '../manifest/journal.ts';
import type { ContractName, DeployedContract, Manifest, SignedStep } from '../manifest/schema.ts';
import type { StepListener, StepReport } from './report.ts';

/** A contract to create: its init code with arguments, and the errors that its constructor may throw. */
export interface Creation {
  readonly title: string;
  readonly data: Hex;
  readonly abi: Abi;
  /** Kept until the contract is recorded, for a later run. */
  readonly note?: string;
}

/** A contract that a step made. */
export interface Created {
  readonly contract: DeployedContract;
  /** By an earlier run. */
  readonly resumed: boolean;
  /** Of the {@link Creation} that made it. */
  readonly note: string | undefined;
}

/** A call that changes something on chain, unless `isDone` says that it is so already. */
export interface Change {
  readonly step: string;
  readonly title: string;
  readonly to: Address;
  readonly data: Hex;
  readonly abi: Abi;
  /** Reads the chain; not asked in a plan whose contracts do not exist yet. */
  readonly isDone: () => Promise<boolean>;
}

/** One command on one chain: does its steps in order, or only says what it would do. */
export interface Run {
  readonly chain: DeployChain;
  readonly journal: Journal;
  readonly dryRun: boolean;
  readonly steps: readonly StepReport[];
  readonly warnings: string[];
  /** The contract of this name: found in the manifest and on chain, or created now. */
  contract(name: ContractName, creation: Creation): Promise<Address>;
  /** Whether an earlier run created the contract of this step without recording it. */
  isUnclaimed(step: string): boolean;
  /** Creates a contract that no field of the manifest stands for; the caller records it, with {@link claimed}. */
  create(step: string, creation: Creation): Promise<Created>;
  change(change: Change): Promise<Hex | undefined>;
  /** Records that a step was found done. */
  exists(step: string, title: string, address?: Address): void;
  /** True when the address is only a prediction: nothing can be asked of it. */
  isPlanned(address: Address): boolean;
  /** Ends the command: warns of what an earlier run began and this one did not take up. */
  finish(): void;
}

/** What changes in the manifest besides, once the contract of a step is recorded, or will never be. */
export const claimed = ({ unclaimed = [] }: Manifest, step: string): Pick<Manifest, 'pending' | 'unclaimed'> => {
  const rest = unclaimed.filter((one) => one.step !== step);
  return { pending: undefined, unclaimed: rest.length === 0 ? undefined : rest };
};

const toContract = async (chain: DeployChain, receipt: TransactionReceipt): Promise<DeployedContract> => {
  const address = parseAddress(receipt.contractAddress ?? '');
  const code = await reach(chain.name, () => chain.client.getCode({ address, blockNumber: receipt.blockNumber }));
  return {
    address,
    txHash: receipt.transactionHash,
    blockNumber: receipt.blockNumber.toString(),
    codeHash: keccak256(code ?? '0x'),
  };
};

/** @throws DeployError `deploy/conflict` when the chain does not hold the code that the manifest remembers */
export const assertCode = async (chain: DeployChain, field: string, contract: DeployedContract): Promise<void> => {
  const code = await reach(chain.name, () => chain.client.getCode({ address: contract.address }));
  const found = code === undefined || code === '0x' ? 'no code' : keccak256(code);
  if (found === contract.codeHash) return;
  assertNoDifference(`${chain.name} does not hold what the manifest says`, [
    { field: `${field}.codeHash at ${contract.address}`, wanted: contract.codeHash, found, where: 'chain' },
  ]);
};

/** Begins a command: what an earlier run left unfinished is finished first. */
export const beginRun = async (
  chain: DeployChain,
  journal: Journal,
  options: { readonly dryRun: boolean; readonly listener?: StepListener | undefined },
): Promise<Run> => {
  const { dryRun, listener } = options;
  const steps: StepReport[] = [];
  const planned = new Set<Address>();
  // A dry run leaves an unfinished transaction to the next real one.
  const settled = dryRun ? undefined : await settlePending(chain, journal);
  let resumable = settled;
  let nextNonce = dryRun ? await reach(chain.name, () => chain.client.getTransactionCount({ address: chain.from })) : 0;

  const report = (step: StepReport): void => {
    steps.push(step);
    listener?.({ type: 'end', report: step });
  };
  const begin = (title: string): void => listener?.({ type: 'begin', chain: chain.name, title });
  const takeResumed = (step: string): TransactionReceipt | undefined => {
    const receipt = resumable?.step === step ? resumable.receipt : undefined;
    if (receipt !== undefined) resumable = undefined;
    return receipt;
  };
  const plan = (step: string, title: string, creates: boolean): Address | undefined => {
    const address = creates
      ? parseAddress(getContractAddress({ from: chain.from, nonce: BigInt(nextNonce) }))
      : undefined;
    nextNonce += 1;
    if (address !== undefined) planned.add(address);
    report({ chain: chain.name, step, title, outcome: 'planned', ...(address === undefined ? {} : { address }) });
    return address;
  };
  const send = async (
    step: string,
    title: string,
    to: Address | undefined,
    data: Hex,
    abi: Abi,
    note?: string,
  ): Promise<TransactionReceipt> => {
    begin(title);
    return sendStep(chain, journal, step, { to, data, abi }, note);
  };
  const unclaimedOf = (step: string): SignedStep | undefined =>
    journal.manifest.unclaimed?.find((one) => one.step === step);
  const make = async (step: string, { title, data, abi, note }: Creation): Promise<Created> => {
    const found = unclaimedOf(step);
    const receipt =
      found === undefined ? await send(step, title, undefined, data, abi, note) : await minedReceipt(chain, found);
    const contract = await toContract(chain, receipt);
    if (contract.codeHash === keccak256('0x')) {
      throw new DeployError('deploy/transaction-failed', `${title}: there is no code at ${contract.address}`);
    }
    const { gasUsed } = receipt;
    const outcome = found === undefined ? 'done' : 'resumed';
    report({ chain: chain.name, step, title, outcome, address: contract.address, txHash: contract.txHash, gasUsed });
    return { contract, resumed: found !== undefined, note: found === undefined ? note : found.note };
  };

  const run: Run = {
    chain,
    journal,
    dryRun,
    steps,
    warnings: [],
    isPlanned: (address) => planned.has(address),
    isUnclaimed: (step) => unclaimedOf(step) !== undefined,
    finish: () => {
      if (resumable !== undefined) {
        const { step, receipt } = resumable;
        const what = `"${step}" of an earlier run, which this one did not ask for, was carried out on ${chain.name}`;
        run.warnings.push(`${what} (transaction ${receipt.transactionHash})`);
      }
      for (const { step, hash } of dryRun ? [] : (journal.manifest.unclaimed ?? [])) {
        run.warnings.push(
          `"${step}" of an earlier run created a contract on ${chain.name} (transaction ${hash}): run that again to use it`,
        );
      }
    },
    exists: (step, title, address) =>
      report({ chain: chain.name, step, title, outcome: 'exists', ...(address === undefined ? {} : { address }) }),
    contract: async (name, creation) => {
      const known = journal.manifest.contracts[name];
      if (known !== undefined) {
        await assertCode(chain, `contracts.${name}`, known);
        run.exists(`deploy:${name}`, creation.title, known.address);
        return known.address;
      }
      if (dryRun) return plan(`deploy:${name}`, creation.title, true) as Address;
      const { contract } = await make(`deploy:${name}`, creation);
      const { manifest } = journal;
      const contracts = { ...manifest.contracts, [name]: contract };
      await journal.update({ contracts, ...claimed(manifest, `deploy:${name}`) });
      return contract.address;
    },
    create: async (step, creation) => {
      if (dryRun) {
        const address = plan(step, creation.title, true) as Address;
        const contract = { address, txHash: '0x', blockNumber: '0', codeHash: '0x' } as const;
        return { contract, resumed: false, note: creation.note };
      }
      return make(step, creation);
    },
    change: async ({ step, title, to, data, abi, isDone }) => {
      if (!planned.has(to) && (await reach(chain.name, isDone))) {
        const resumed = takeResumed(step);
        if (resumed === undefined) run.exists(step, title);
        else report({ chain: chain.name, step, title, outcome: 'resumed', txHash: resumed.transactionHash });
        return resumed?.transactionHash;
      }
      if (dryRun) {
        plan(step, title, false);
        return undefined;
      }
      const receipt = await send(step, title, to, data, abi);
      await journal.update({ pending: undefined });
      const { gasUsed, transactionHash: txHash } = receipt;
      report({ chain: chain.name, step, title, outcome: 'done', txHash, gasUsed });
      return txHash;
    },
  };
  return run;
};

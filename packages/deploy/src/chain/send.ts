import { setTimeout } from 'node:timers/promises';
import type { Address, Hex } from '@interchain-attestation/core';
import {
  type Abi,
  keccak256,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem';
import { DeployError } from '../errors.ts';
import type { Journal } from '../manifest/journal.ts';
import type { PendingTransaction, SignedStep } from '../manifest/schema.ts';
import { type DeployChain, reach } from './connect.ts';
import { isRevert, reasonOf } from './revert.ts';

/** A transaction that a step makes: a contract creation when `to` is absent. */
export interface StepTransaction {
  readonly to?: Address | undefined;
  readonly data: Hex;
  /** Errors of the contracts involved, to say why it would fail. */
  readonly abi: Abi;
}

const MINE_TIMEOUT_MS = 180_000;
/** Estimates are exact on one state; the next block may differ a little. */
const GAS_MARGIN_PERCENT = 120n;

const findReceipt = (chain: DeployChain, hash: Hex): Promise<TransactionReceipt | undefined> =>
  reach(chain.name, async () => {
    try {
      return await chain.client.getTransactionReceipt({ hash });
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return undefined;
      throw error;
    }
  });

const waitForReceipt = async (chain: DeployChain, pending: SignedStep): Promise<TransactionReceipt> => {
  try {
    return await chain.client.waitForTransactionReceipt({ hash: pending.hash, timeout: MINE_TIMEOUT_MS });
  } catch (cause) {
    throw new DeployError(
      'deploy/not-mined',
      `${pending.step}: ${pending.hash} was sent and is not mined after ${MINE_TIMEOUT_MS / 1_000} s; run again to go on waiting`,
      { cause, retryable: true, meta: { chain: chain.name, txHash: pending.hash } },
    );
  }
};

const assertSucceeded = (step: string, receipt: TransactionReceipt): TransactionReceipt => {
  if (receipt.status === 'success') return receipt;
  throw new DeployError('deploy/transaction-failed', `${step}: transaction ${receipt.transactionHash} reverted`, {
    meta: { txHash: receipt.transactionHash },
  });
};

const LOOK_AGAIN_MS = 300;
/** A node behind a balancer may not have the block yet that another one counts. */
const LOOKS = 10;

/** A transaction of an earlier run that was mined. */
export interface MinedStep extends SignedStep {
  readonly receipt: TransactionReceipt;
}

const toSigned = ({ step, hash, note }: SignedStep): SignedStep => ({
  step,
  hash,
  ...(note === undefined ? {} : { note }),
});

/** The first of these transactions that was mined. */
const findMined = async (chain: DeployChain, signed: readonly SignedStep[]): Promise<MinedStep | undefined> => {
  for (const one of signed) {
    const receipt = await findReceipt(chain, one.hash);
    if (receipt !== undefined) return { ...toSigned(one), receipt };
  }
  return undefined;
};

const isKnown = (chain: DeployChain, hash: Hex): Promise<boolean> =>
  reach(chain.name, async () => {
    try {
      await chain.client.getTransaction({ hash });
      return true;
    } catch (error) {
      if (error instanceof TransactionNotFoundError) return false;
      throw error;
    }
  });

/** The receipt of a transaction that was seen mined before. @throws DeployError `deploy/unavailable` */
export const minedReceipt = async (chain: DeployChain, { step, hash }: SignedStep): Promise<TransactionReceipt> => {
  const receipt = await findReceipt(chain, hash);
  if (receipt !== undefined) return receipt;
  throw new DeployError('deploy/unavailable', `${step}: ${chain.name} does not show ${hash}, which was mined before`, {
    retryable: true,
    meta: { chain: chain.name, txHash: hash },
  });
};

/**
 * Looks for what an earlier run signed, and waits for it where the chain knows it. What the chain has never seen is not
 * sent: this run may want something else. It stays written down, and what is sent next takes its nonce, so that only one of
 * the two can ever be mined. A contract that was created is kept in the manifest until its step claims it.
 * @returns what was carried out and is no contract
 */
export const settlePending = async (chain: DeployChain, journal: Journal): Promise<MinedStep | undefined> => {
  const { pending } = journal.manifest;
  if (pending === undefined) return undefined;
  const signed = [pending, ...(pending.supersedes ?? [])];
  let mined = await findMined(chain, signed);
  for (const one of signed) {
    if (mined === undefined && (await isKnown(chain, one.hash))) {
      mined = { ...toSigned(one), receipt: await waitForReceipt(chain, one) };
    }
  }
  for (let look = 0; mined === undefined; look++) {
    const used = await reach(chain.name, () => chain.client.getTransactionCount({ address: pending.from }));
    if (used <= pending.nonce) return undefined;
    mined = await findMined(chain, signed);
    // Another transaction of the account took the nonce.
    if (mined === undefined && look === LOOKS) break;
    if (mined === undefined) await setTimeout(LOOK_AGAIN_MS);
  }
  const done = mined?.receipt.status === 'success' ? mined : undefined;
  const isCreation = typeof done?.receipt.contractAddress === 'string';
  const { unclaimed = [] } = journal.manifest;
  await journal.update({
    pending: undefined,
    ...(done !== undefined && isCreation ? { unclaimed: [...unclaimed, toSigned(done)] } : {}),
  });
  return isCreation ? undefined : done;
};

/** Signs a transaction and writes it down. */
const sign = async (
  chain: DeployChain,
  journal: Journal,
  step: string,
  transaction: StepTransaction,
  note: string | undefined,
): Promise<PendingTransaction> => {
  const { account, client, from } = chain;
  if (account === undefined) throw new DeployError('deploy/invalid-input', 'sending needs the key of the deployer');
  const request = await (async () => {
    const call = { account: from, data: transaction.data, ...(transaction.to ? { to: transaction.to } : {}) };
    try {
      const estimate = await client.estimateGas({ ...call, blockTag: 'latest' });
      return await client.prepareTransactionRequest({
        ...call,
        account,
        chain: client.chain,
        gas: (estimate * GAS_MARGIN_PERCENT) / 100n,
        parameters: ['nonce', 'fees', 'type', 'chainId'],
      });
    } catch (cause) {
      const reason = reasonOf(cause, transaction.abi);
      if (/insufficient funds|exceeds the balance|out of funds/i.test(`${reason} ${(cause as Error).message}`)) {
        throw new DeployError('deploy/insufficient-funds', `${step}: ${from} cannot pay for it on ${chain.name}`, {
          cause,
          meta: { chain: chain.name, account: from },
        });
      }
      if (isRevert(cause)) {
        throw new DeployError('deploy/transaction-failed', `${step} would fail: ${reason}`, {
          cause,
          meta: { reason },
        });
      }
      return reach(chain.name, () => Promise.reject(cause));
    }
  })();
  const raw = await account.signTransaction(request as Parameters<typeof account.signTransaction>[0]);
  const signed = { step, hash: keccak256(raw), nonce: Number(request.nonce), from, raw };
  const { pending: earlier } = journal.manifest;
  const pending: PendingTransaction = {
    ...signed,
    ...(note === undefined ? {} : { note }),
    ...(earlier === undefined ? {} : { supersedes: [toSigned(earlier), ...(earlier.supersedes ?? [])] }),
  };
  await journal.update({ pending });
  return pending;
};

/**
 * Signs a transaction, writes it down, sends it, and waits for it. It stays written down as pending until the caller
 * records what it made, so that a kill at any point loses nothing and sends nothing twice. It takes the nonce, and
 * so the place, of what an earlier run signed and the chain has never seen.
 * @throws DeployError `deploy/transaction-failed`, `deploy/insufficient-funds`, `deploy/not-mined`, `deploy/unavailable`
 */
export const sendStep = async (
  chain: DeployChain,
  journal: Journal,
  step: string,
  transaction: StepTransaction,
  note?: string,
): Promise<TransactionReceipt> => {
  const pending = await sign(chain, journal, step, transaction, note);
  await reach(chain.name, () => chain.client.sendRawTransaction({ serializedTransaction: pending.raw }));
  const receipt = await waitForReceipt(chain, pending);
  if (receipt.status !== 'success') await journal.update({ pending: undefined });
  return assertSucceeded(step, receipt);
};

import type { Address, Hex } from '@interchain-attestation/core';
import { type Abi, keccak256, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem';
import { DeployError } from '../errors.ts';
import type { Journal } from '../manifest/journal.ts';
import type { PendingTransaction } from '../manifest/schema.ts';
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

const waitForReceipt = async (chain: DeployChain, pending: PendingTransaction): Promise<TransactionReceipt> => {
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

/**
 * Ends what an earlier run began: a transaction that was written down is looked for, sent again when the chain does not
 * know it, and waited for. Undefined when there is none, or when another one took its nonce.
 */
export const settlePending = async (
  chain: DeployChain,
  journal: Journal,
): Promise<{ readonly step: string; readonly receipt: TransactionReceipt } | undefined> => {
  const { pending } = journal.manifest;
  if (pending === undefined) return undefined;
  let receipt = await findReceipt(chain, pending.hash);
  if (receipt === undefined) {
    const used = await reach(chain.name, () => chain.client.getTransactionCount({ address: pending.from }));
    receipt = used > pending.nonce ? await findReceipt(chain, pending.hash) : undefined;
    if (receipt === undefined && used <= pending.nonce) {
      // "already known" is as good as accepted; anything else shows when it is not mined.
      await chain.client.sendRawTransaction({ serializedTransaction: pending.raw }).catch(() => undefined);
      receipt = await waitForReceipt(chain, pending);
    }
  }
  return receipt?.status === 'success' ? { step: pending.step, receipt } : undefined;
};

/**
 * Signs a transaction, writes it down, sends it, and waits for it. It stays written down as pending until the caller
 * records what it made, so that a kill at any point loses nothing and sends nothing twice.
 * @throws DeployError `deploy/transaction-failed`, `deploy/insufficient-funds`, `deploy/not-mined`, `deploy/unavailable`
 */
export const sendStep = async (
  chain: DeployChain,
  journal: Journal,
  step: string,
  transaction: StepTransaction,
): Promise<TransactionReceipt> => {
  const { account, client, from } = chain;
  if (account === undefined) throw new DeployError('deploy/invalid-input', 'sending needs the key of the deployer');
  const request = await (async () => {
    const call = { account: from, data: transaction.data, ...(transaction.to ? { to: transaction.to } : {}) };
    try {
      const estimate = await client.estimateGas(call);
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
  const pending: PendingTransaction = { step, hash: keccak256(raw), nonce: Number(request.nonce), from, raw };
  await journal.update({ pending });
  await reach(chain.name, () => client.sendRawTransaction({ serializedTransaction: raw }));
  const receipt = await waitForReceipt(chain, pending);
  if (receipt.status !== 'success') await journal.update({ pending: undefined });
  return assertSucceeded(step, receipt);
};

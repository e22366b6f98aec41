import { randomInt } from 'node:crypto';
import { type Address, parseAddress } from '@interchain-attestation/core';
import { abortable } from '../../abortable.ts';
import type { ChainEvent } from '../../chain-event.ts';
import { ChainError } from '../../errors.ts';
import type { ChainReader, Clock, Signer, TransactionReceipt, TxSender, UnsignedTransaction } from '../../ports.ts';
import { toChainError } from '../../rpc/response-error.ts';
import type { HeadWatcher } from '../heads/head-watcher.ts';
import { parseQuantity } from '../rpc/quantity.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';
import { failureReason } from './failure-reason.ts';
import { type Fees, readFees } from './fees.ts';
import { createNonceKeeper } from './nonce-keeper.ts';
import type { SenderSettings } from './options.ts';
import type { PendingOutcome } from './pending-transaction.ts';
import type { PreparedCall, SignedTransaction } from './sign.ts';
import { simulate, simulationError, toTarget } from './simulate.ts';

export interface EvmSenderParts {
  readonly rpc: RpcClient;
  readonly heads: HeadWatcher;
  readonly limits: ChainReader['limits'];
  readonly clock: Clock;
  readonly emit: (event: ChainEvent) => void;
  readonly chainId: number;
  readonly router: Address;
  readonly signer: Signer;
  readonly settings: SenderSettings;
}

/** A nonce may be lost to another process that uses the key; this often the transaction is simulated and sent anew. */
const MAX_SUBMISSIONS = 4;
const MAX_GAS_SALT = 4_096;

export const createEvmSender = (parts: EvmSenderParts): TxSender & { close(): void } => {
  const { rpc, chainId, signer, settings } = parts;
  const account = parseAddress(signer.address);
  const lane = rpc.transactions;
  const nonces = createNonceKeeper(parts);

  const mapped = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw toChainError(error, rpc.origin);
    }
  };

  const prepare = async (transaction: UnsignedTransaction): Promise<{ call: PreparedCall; fees: Fees }> => {
    const target = toTarget(transaction);
    const limits = await parts.limits();
    const [simulation, fees] = await Promise.all([
      simulate(rpc.simulations, chainId, account, target, limits),
      readFees(lane, settings.maxFeePerGas),
    ]);
    if (!simulation.ok) throw simulationError(simulation);
    // Two processes with one key that send the same thing at once would sign the very same transaction, and each would
    // take it for its own. Some gas more makes them two.
    const salt = BigInt(randomInt(MAX_GAS_SALT));
    const withMargin = (simulation.gas * BigInt(100 + settings.gasMarginPercent)) / 100n + salt;
    return { call: { ...target, gas: withMargin < limits.maxTxGas ? withMargin : limits.maxTxGas }, fees };
  };

  const toReceipt = async (
    call: PreparedCall,
    { receipt, signed }: Extract<PendingOutcome, { kind: 'included' }>,
  ): Promise<TransactionReceipt> => ({
    txId: signed.txId,
    height: receipt.height,
    blockHash: receipt.blockHash,
    success: receipt.success,
    gasUsed: receipt.gasUsed,
    feePaid: receipt.gasUsed * receipt.effectiveGasPrice,
    bytes: signed.bytes,
    events: receipt.events,
    ...(receipt.success ? {} : { failure: await failureReason(lane, account, call, receipt) }),
  });

  const submit = async (
    transaction: UnsignedTransaction,
    onBroadcast: (signed: SignedTransaction) => void,
    signal: AbortSignal | undefined,
  ): Promise<TransactionReceipt> => {
    for (let attempt = 0; attempt < MAX_SUBMISSIONS; attempt++) {
      const { call, fees } = await prepare(transaction);
      signal?.throwIfAborted();
      const pending = await nonces.send(call, fees, onBroadcast);
      const outcome = await pending.done;
      if (outcome.kind === 'included') return toReceipt(call, outcome);
      if (outcome.kind === 'given-up') {
        const txId = pending.versions.at(-1)?.txId ?? '';
        throw new ChainError('chain/tx-dropped', `transaction ${txId} was not included, and still may be`, {
          meta: { txId, nonce: pending.nonce, blocks: pending.headsTotal },
          retryable: true,
        });
      }
    }
    throw new ChainError(
      'chain/tx-dropped',
      `other transactions of ${account} took the nonce ${MAX_SUBMISSIONS} times`,
      {
        meta: { account, attempts: MAX_SUBMISSIONS },
        retryable: true,
      },
    );
  };

  const simulateNow = async (transaction: UnsignedTransaction) =>
    simulate(rpc.simulations, chainId, account, toTarget(transaction), await parts.limits());

  return {
    account,
    simulate: (transaction, options) => abortable(mapped(simulateNow(transaction)), options?.signal),
    submit: (transaction, options) =>
      abortable(
        mapped(submit(transaction, ({ txId }) => options?.onBroadcast?.(txId), options?.signal)),
        options?.signal,
      ),
    balance: (options) =>
      abortable(
        mapped(lane.call('eth_getBalance', `["${account}","latest"]`).then((value) => parseQuantity(value, 'balance'))),
        options?.signal,
      ),
    close: () => nonces.close(),
  };
};

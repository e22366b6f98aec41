import { randomInt } from 'node:crypto';
import { abortable } from '../../abortable.ts';
import type { ChainEvent } from '../../chain-event.ts';
import { ChainError } from '../../errors.ts';
import { createMutex } from '../../mutex.ts';
import type {
  ChainReader,
  Signer,
  Simulation,
  TransactionReceipt,
  TxSender,
  UnsignedTransaction,
} from '../../ports.ts';
import { cosmosAddress } from '../address.ts';
import { packetEvents } from '../events/decode-event.ts';
import type { CosmosHeaderReader } from '../headers.ts';
import type { CosmosHeadWatcher } from '../heads/head-watcher.ts';
import type { AbciQuery } from '../rpc/abci-query.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { malformed } from '../rpc/node-error.ts';
import { type AccountState, createAccountReader } from './account.ts';
import { broadcastTransaction } from './broadcast.ts';
import { type Refusal, refusalError, toRefusal } from './check-tx.ts';
import { fillSigner } from './fill-signer.ts';
import { feeOf, type GasPrice } from './gas-price.ts';
import { createInclusionTracker, type InclusionOutcome, type PendingCosmosTransaction } from './inclusion-tracker.ts';
import { boundBody, SIGNATURE_AND_FEE_BYTES, signTransaction, unsignedTransaction } from './sign.ts';
import { simulateTransaction } from './simulate.ts';

export interface CosmosSenderParts {
  readonly rpc: CometRpc;
  readonly query: AbciQuery;
  readonly headers: CosmosHeaderReader;
  readonly heads: CosmosHeadWatcher;
  readonly limits: ChainReader['limits'];
  readonly emit: (event: ChainEvent) => void;
  readonly chainId: string;
  readonly bech32Prefix: string;
  readonly signer: Signer;
  readonly gasPrice: GasPrice;
  readonly gasAdjustment: number;
  readonly giveUpAfterBlocks: number;
  readonly rebroadcastAfterBlocks: number;
}

/** A sequence may be lost to another process that uses the key; this often the transaction is signed anew. */
const MAX_SUBMISSIONS = 4;
const MAX_SEQUENCE_REPAIRS = 5;
const MAX_GAS_SALT = 1_000;
const PERCENT = 100n;

type Attempt =
  | { readonly kind: 'ready'; readonly gas: bigint; readonly bytes: number; readonly state: AccountState }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export const createCosmosSender = (parts: CosmosSenderParts): TxSender & { close(): void } => {
  const { rpc, headers, signer, gasPrice, emit } = parts;
  const address = cosmosAddress(signer.publicKey, parts.bech32Prefix);
  const account = createAccountReader(rpc.origin, parts.query, address);
  const tracker = createInclusionTracker({ ...parts, account });
  const inTurn = createMutex();
  /** Known number and the sequence of the next transaction, those in the mempool counted; undefined: ask the chain. */
  let next: AccountState | undefined;

  const tooLarge = (bytes: number, limit: number): Attempt => ({
    kind: 'refused',
    refusal: { reason: 'too-large', message: `${bytes} bytes, the chain takes ${limit}` },
  });

  /** Simulates with the sequence that the chain expects, whatever it is by now. */
  const attempt = async (bodyBytes: Uint8Array): Promise<Attempt> => {
    const limits = await parts.limits();
    for (let repairs = 0; ; repairs++) {
      const state = next ?? (await account.state());
      next = state;
      const unsigned = unsignedTransaction(bodyBytes, signer.publicKey, state.sequence, gasPrice);
      const bytes = unsigned.length + SIGNATURE_AND_FEE_BYTES;
      if (bytes > limits.maxTxBytes) return tooLarge(bytes, limits.maxTxBytes);
      const outcome = await simulateTransaction(rpc, unsigned);
      if (outcome.ok) {
        if (outcome.gasUsed <= limits.maxTxGas) return { kind: 'ready', gas: outcome.gasUsed, bytes, state };
        const message = `${outcome.gasUsed} gas, a transaction may take ${limits.maxTxGas}`;
        return { kind: 'refused', refusal: { reason: 'out-of-gas', message } };
      }
      const expected = outcome.refusal.expectedSequence;
      if (expected === undefined || repairs >= MAX_SEQUENCE_REPAIRS)
        return { kind: 'refused', refusal: outcome.refusal };
      next = { ...state, sequence: expected };
    }
  };

  const gasLimitOf = async (gas: bigint): Promise<bigint> => {
    const { maxTxGas } = await parts.limits();
    // Two processes with one key that send the same thing at once would sign the very same transaction, and each would
    // take it for its own. Some gas more makes them two.
    const adjusted = (gas * BigInt(Math.ceil(parts.gasAdjustment * 100))) / PERCENT + BigInt(randomInt(MAX_GAS_SALT));
    return adjusted < maxTxGas ? adjusted : maxTxGas;
  };

  /** Simulates, signs and broadcasts; runs alone, so that sequences go out in order. */
  const send = async (
    transaction: UnsignedTransaction,
    signal: AbortSignal | undefined,
    onBroadcast: (pending: PendingCosmosTransaction) => void,
  ): Promise<PendingCosmosTransaction> => {
    const sentAtHeight = await headers.committedHeight();
    const body = boundBody(fillSigner(transaction, address), sentAtHeight + BigInt(parts.giveUpAfterBlocks));
    for (let repairs = 0; ; repairs++) {
      signal?.throwIfAborted();
      const ready = await attempt(body.bytes);
      if (ready.kind === 'refused') throw refusalError(ready.refusal);
      const { state } = ready;
      const gasLimit = await gasLimitOf(ready.gas);
      const fee = { gasLimit, feeAmount: feeOf(gasLimit, gasPrice), feeDenom: gasPrice.denom };
      const signed = await signTransaction(signer, body.bytes, { ...state, chainId: parts.chainId }, fee);
      signal?.throwIfAborted();
      let refusal: Refusal | undefined;
      try {
        refusal = await broadcastTransaction(rpc, signed.bytes);
      } catch {
        // The node may have it or not. It is followed like any other: broadcast again, found in a block, or displaced.
        refusal = undefined;
      }
      if (refusal === undefined) {
        next = { ...state, sequence: state.sequence + 1n };
        const { timeoutHeight } = body;
        const pending = { signed, fee, sequence: state.sequence, sentAtHeight, timeoutHeight };
        emit({ type: 'tx-broadcast', txId: signed.txId, nonce: Number(state.sequence), replacement: false });
        onBroadcast(pending);
        return pending;
      }
      if (refusal.expectedSequence === undefined || repairs >= MAX_SEQUENCE_REPAIRS) throw refusalError(refusal);
      next = { ...state, sequence: refusal.expectedSequence };
    }
  };

  const toReceipt = async (
    { signed, fee, sequence }: PendingCosmosTransaction,
    { height, txIndex }: Extract<InclusionOutcome, { kind: 'included' }>,
  ): Promise<TransactionReceipt> => {
    const [{ results }, block] = await Promise.all([
      rpc.outage(rpc.transactions.comet.blockResults(Number(height))),
      headers.at(height),
    ]);
    const result = results[txIndex];
    if (result === undefined || block === undefined) {
      throw malformed(rpc.origin, `no result of transaction ${signed.txId} in block ${height}`);
    }
    const { txId, bytes } = signed;
    const success = result.code === 0;
    const blockHash = block.header.hash;
    emit({ type: 'tx-included', txId, nonce: Number(sequence), success });
    const decode = async () => packetEvents(result.events, { height, blockHash, txId, txIndex, tx: bytes });
    return {
      txId,
      height,
      blockHash,
      success,
      gasUsed: result.gasUsed,
      feePaid: fee.feeAmount,
      bytes: bytes.length,
      events: success ? await rpc.outage(decode()) : [],
      ...(success ? {} : { failure: failureText(toRefusal(result.code, result.codespace, result.log)) }),
    };
  };

  const failureText = ({ reason, message }: Refusal): string => `${reason}: ${message}`;

  const submit = async (
    transaction: UnsignedTransaction,
    options: Parameters<TxSender['submit']>[1],
  ): Promise<TransactionReceipt> => {
    for (let submission = 0; submission < MAX_SUBMISSIONS; submission++) {
      const pending = await inTurn(() =>
        send(transaction, options?.signal, ({ signed }) => options?.onBroadcast?.(signed.txId)),
      );
      const outcome = await tracker.track(pending);
      if (outcome.kind === 'included') return toReceipt(pending, outcome);
      // What was believed about the sequence was wrong somewhere.
      next = undefined;
      if (outcome.kind === 'expired') {
        const { txId } = pending.signed;
        const { timeoutHeight } = pending;
        throw new ChainError('chain/tx-dropped', `transaction ${txId} was not included up to block ${timeoutHeight}`, {
          meta: { txId, timeoutHeight, sequence: pending.sequence },
          retryable: true,
        });
      }
    }
    throw new ChainError('chain/tx-dropped', `other transactions of ${address} took the sequence every time`, {
      meta: { account: address, attempts: MAX_SUBMISSIONS },
      retryable: true,
    });
  };

  const simulate = async (transaction: UnsignedTransaction): Promise<Simulation> => {
    const height = await headers.committedHeight();
    const body = boundBody(fillSigner(transaction, address), height + BigInt(parts.giveUpAfterBlocks));
    // In turn: a transaction that goes out meanwhile would make the sequence wrong for this one.
    const result = await inTurn(() => attempt(body.bytes));
    if (result.kind === 'ready') return { ok: true, gas: result.gas, bytes: result.bytes };
    return { ok: false, reason: result.refusal.reason, message: result.refusal.message };
  };

  return {
    account: address,
    simulate: (transaction, options) => abortable(simulate(transaction), options?.signal),
    submit: (transaction, options) => abortable(submit(transaction, options), options?.signal),
    balance: (options) => abortable(account.balance(gasPrice.denom), options?.signal),
    close: () => tracker.close(),
  };
};

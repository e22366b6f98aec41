import type { ChainReader, UnsignedTransaction } from '@interchain-attestation/chains';
import type { PacketRecord } from '../domain/packet-record.ts';
import type { Leg } from '../domain/packet-state.ts';
import { isSamePacket } from '../domain/transition.ts';
import { RelayerError } from '../errors.ts';
import { readCosmosTransaction } from './read-cosmos.ts';
import { readEvmTransaction } from './read-evm.ts';
import { refuse, type TransactionContent } from './transaction-content.ts';

/** What was asked of the proof API. */
export interface Asked {
  readonly leg: Leg;
  /** Client on the target chain: the only one that may be updated. */
  readonly clientId: string;
  readonly records: readonly PacketRecord[];
  /** Account that will sign. */
  readonly account: string;
}

/** Reads all that a transaction does; `maxMessages` bounds how much of it is worth reading. */
export type ReadTransaction = (transaction: UnsignedTransaction, maxMessages: number) => TransactionContent;

/** How transactions of a kind of chain read. */
export const readerOf =
  (kind: ChainReader['kind']): ReadTransaction =>
  ({ tx }, maxMessages) =>
    kind === 'evm' ? readEvmTransaction(tx, maxMessages) : readCosmosTransaction(tx, maxMessages);

/** A batch is proven at one height. */
const MAX_UPDATES = 1;

const readAll = (read: ReadTransaction, transaction: UnsignedTransaction, maxMessages: number): TransactionContent => {
  try {
    return read(transaction, maxMessages);
  } catch (cause) {
    if (cause instanceof RelayerError) throw cause;
    return refuse('does not read', cause);
  }
};

/**
 * Holds what the proof API answered against what it was asked: the relayer's key signs nothing but updates of the one
 * client, and the asked leg of asked packets, each at most once. It may leave packets out, not all of them.
 * @throws RelayerError `relayer/foreign-transaction`
 */
export const assertAsked = (
  read: ReadTransaction,
  transaction: UnsignedTransaction,
  { leg, clientId, records, account }: Asked,
): void => {
  const content = readAll(read, transaction, records.length + MAX_UPDATES);
  const open = new Map(records.map((record) => [record.sequence, record]));
  if (content.updates.length > MAX_UPDATES) refuse(`updates clients ${content.updates.length} times`);
  for (const updated of content.updates) {
    if (updated !== clientId) refuse(`updates client ${updated.slice(0, 80)}, not ${clientId}`);
  }
  for (const signer of content.signers) {
    if (signer !== account) refuse(`is to be signed by ${signer.slice(0, 100)}, not by ${account}`);
  }
  if (content.messages.length === 0) refuse('brings no packet');
  for (const message of content.messages) {
    const { sequence } = message.packet;
    if (message.leg !== leg) refuse(`has a ${message.leg} where a ${leg} was asked for`);
    const record = open.get(sequence) ?? refuse(`brings packet ${sequence}, which was not asked for, or twice`);
    if (!isSamePacket(record.packet, message.packet)) refuse(`brings another packet under sequence ${sequence}`);
    open.delete(sequence);
  }
};

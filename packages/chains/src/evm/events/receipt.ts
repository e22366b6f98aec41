import type { Address, Hex } from '@interchain-attestation/core';
import { ChainError } from '../../errors.ts';
import type { PacketEvent } from '../../ports.ts';
import type { Batcher } from '../../rpc/batcher.ts';
import { malformed, parseHash, parseQuantity } from '../rpc/quantity.ts';
import { decodePacketLog, isPacketLog, type RawLog } from './decode-log.ts';

/** A receipt, as far as this package uses it. */
export interface EvmReceipt {
  readonly height: bigint;
  readonly blockHash: Hex;
  readonly success: boolean;
  readonly gasUsed: bigint;
  readonly effectiveGasPrice: bigint;
  readonly events: readonly PacketEvent[];
}

/** Packet events of the router among `logs`, in the order of the block. */
export const packetEvents = (logs: unknown, router: Address): readonly PacketEvent[] => {
  if (!Array.isArray(logs)) throw malformed('list of logs');
  return (logs as RawLog[])
    .filter((log) => typeof log === 'object' && log !== null && isPacketLog(log, router))
    .map(decodePacketLog)
    .sort((a, b) => (a.height === b.height ? a.index - b.index : a.height < b.height ? -1 : 1));
};

/** The receipt of a transaction, undefined while it is not in a block. @throws RpcResponseError, ChainError */
export const readReceipt = async (rpc: Batcher, txId: Hex, router: Address): Promise<EvmReceipt | undefined> => {
  const raw = await rpc.call('eth_getTransactionReceipt', `["${txId}"]`);
  if (raw === null) return undefined;
  if (typeof raw !== 'object') throw malformed('receipt');
  const receipt = raw as Record<string, unknown>;
  if (receipt.blockHash === null || receipt.blockNumber === null) return undefined;
  return {
    height: parseQuantity(receipt.blockNumber, 'block number'),
    blockHash: parseHash(receipt.blockHash, 'block hash'),
    success: parseQuantity(receipt.status, 'receipt status') === 1n,
    gasUsed: parseQuantity(receipt.gasUsed, 'gas used'),
    effectiveGasPrice: parseQuantity(receipt.effectiveGasPrice ?? '0x0', 'gas price'),
    events: packetEvents(receipt.logs, router),
  };
};

const TX_ID = /^0x[0-9a-fA-F]{64}$/;

/** @throws ChainError `chain/invalid-input` */
export const assertTxId = (txId: string): Hex => {
  if (TX_ID.test(txId)) return txId.toLowerCase() as Hex;
  throw new ChainError('chain/invalid-input', `not a transaction hash: ${txId.slice(0, 80)}`);
};

import type { Batcher } from '../../rpc/batcher.ts';
import { RpcResponseError } from '../../rpc/response-error.ts';
import { parseQuantity } from '../rpc/quantity.ts';

/** What a transaction offers for gas, in wei. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

const GWEI = 10n ** 9n;

const priorityFee = async (rpc: Batcher): Promise<bigint> => {
  try {
    return parseQuantity(await rpc.call('eth_maxPriorityFeePerGas', '[]'), 'priority fee');
  } catch (error) {
    // Not every node has the method.
    if (error instanceof RpcResponseError) return GWEI;
    throw error;
  }
};

/**
 * Fees for a transaction that is to be in one of the next blocks: the base fee may double (six full blocks).
 * @throws RpcResponseError, ChainError
 */
export const readFees = async (rpc: Batcher, cap: bigint | undefined): Promise<Fees> => {
  const [block, tip] = await Promise.all([rpc.call('eth_getBlockByNumber', '["latest",false]'), priorityFee(rpc)]);
  const base = parseQuantity((block as { baseFeePerGas?: unknown } | null)?.baseFeePerGas ?? '0x0', 'base fee');
  return capFees({ maxFeePerGas: 2n * base + tip, maxPriorityFeePerGas: tip }, cap);
};

const capFees = (fees: Fees, cap: bigint | undefined): Fees => {
  if (cap === undefined || fees.maxFeePerGas <= cap) return fees;
  const tip = fees.maxPriorityFeePerGas < cap ? fees.maxPriorityFeePerGas : cap;
  return { maxFeePerGas: cap, maxPriorityFeePerGas: tip };
};

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const raise = (value: bigint, percent: number): bigint => (value * BigInt(100 + percent)) / 100n + 1n;

/** Fees of a replacement: at least `percent` above the old ones, as nodes demand, and what the chain asks by now. */
export const raiseFees = (old: Fees, current: Fees, percent: number, cap: bigint | undefined): Fees =>
  capFees(
    {
      maxFeePerGas: max(raise(old.maxFeePerGas, percent), current.maxFeePerGas),
      maxPriorityFeePerGas: max(raise(old.maxPriorityFeePerGas, percent), current.maxPriorityFeePerGas),
    },
    cap,
  );
